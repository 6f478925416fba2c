"""The tag is the commit: it comes with the image, after all checks, once, or the build failed."""

import pytest

from tests.recipe.support.sandbox import REGISTRY, REPOSITORY, TAG, Sandbox

LABEL = "org.opencontainers.image.version"


@pytest.mark.parametrize("kind", ["oci.image.manifest.v1", "docker.distribution.manifest.v2"])
def test_the_image_that_was_checked_is_pushed_under_its_tag(sandbox: Sandbox, kind: str) -> None:
    sandbox.plan["media_type"] = f"application/vnd.{kind}+json"
    assert sandbox.run().succeeded
    assert sandbox.calls("docker", "push") == [["docker", "push", f"{REGISTRY}/{REPOSITORY}:{TAG}"]]
    assert list(sandbox.tags()) == [TAG]


def test_an_engine_that_does_not_tell_the_manifest_s_kind_makes_single_images_only(sandbox: Sandbox) -> None:
    sandbox.plan["media_type"] = ""
    assert sandbox.run().succeeded


def test_a_failed_push_is_told_in_the_registry_s_words(sandbox: Sandbox) -> None:
    sandbox.errors["push"] = "denied: User is not authorized to perform: ecr:InitiateLayerUpload"
    build = sandbox.run()
    assert build.code == "push-failed"
    assert build.sentence.endswith(sandbox.errors["push"])


def test_a_push_that_fails_without_a_word_is_a_failure_too(sandbox: Sandbox) -> None:
    sandbox.errors["push"] = " "
    assert sandbox.run().code == "push-failed"


def test_a_build_that_fails_while_it_speaks_of_pushing_is_no_failed_push(sandbox: Sandbox) -> None:
    sandbox.build_fails("#7 pushing layers\nERROR: failed to push\n")
    assert sandbox.run().code == "build-failed"
    assert sandbox.calls("docker", "push") == []


@pytest.mark.parametrize("labels", [{LABEL: ""}, {LABEL: "1.2.3"}])
def test_an_image_without_the_recipe_s_label_is_the_upload_s_fault(sandbox: Sandbox, labels: dict[str, str]) -> None:
    sandbox.plan["labels"] = labels
    build = sandbox.run()
    assert build.code == "build-failed"
    assert "Leave the line syntax= out of the Dockerfile." in build.sentence


@pytest.mark.parametrize("kind", ["oci.image.index.v1", "docker.distribution.manifest.list.v2"])
def test_an_index_is_the_upload_s_fault(sandbox: Sandbox, kind: str) -> None:
    sandbox.plan["media_type"] = f"application/vnd.{kind}+json"
    build = sandbox.run()
    assert build.code == "build-failed"
    assert "Leave the line syntax= out of the Dockerfile." in build.sentence


def test_a_build_that_another_of_its_upload_overtook_succeeds(sandbox: Sandbox) -> None:
    (sandbox.fakes / "race").write_text("sha256:0ther")
    build = sandbox.run()
    assert build.succeeded
    assert f"Another build of this upload was first to push {TAG}." in build.log
    assert sandbox.tags()[TAG] == "sha256:0ther"


def test_where_the_registry_does_not_say_what_it_has_the_upload_is_built(sandbox: Sandbox) -> None:
    sandbox.errors["buildx imagetools inspect"] = "ERROR: 429 Too Many Requests"
    assert sandbox.run().succeeded


def test_a_password_that_ecr_refuses_is_told_in_its_words(sandbox: Sandbox) -> None:
    sandbox.errors["ecr get-login-password"] = "An error occurred (LimitExceededException) when calling it: Too many."
    build = sandbox.run()
    assert build.code == "build-system-fault"
    assert build.sentence == f"ECR refuses a password. {sandbox.errors['ecr get-login-password']}"
    assert sandbox.calls("docker", "buildx") == []
