"""The recipe pushes what it built, and knows it by the digest that its own engine gives."""

import pytest

from tests.recipe.support.sandbox import REGISTRY, REPOSITORY, TAG, Sandbox

LABEL = "org.opencontainers.image.version"
OTHER = "sha256:" + "0" * 64


def test_an_image_is_pushed_as_candidate(sandbox: Sandbox) -> None:
    assert sandbox.run().succeeded
    assert sandbox.calls("docker", "push") == [["docker", "push", f"{REGISTRY}/{REPOSITORY}:candidate"]]
    assert sandbox.tags()["candidate"] == sandbox.tags()[TAG]


def test_another_build_that_pushes_at_the_same_time_changes_no_digest(sandbox: Sandbox) -> None:
    sandbox.plan["candidate"] = OTHER
    assert sandbox.run().succeeded
    assert sandbox.tags()["candidate"] == OTHER
    assert sandbox.tags()[TAG] != OTHER


NOTE = "\n\x1b[32m i Info\x1b[0m -> Only the available single-platform image was pushed\n   sha256:aa -> sha256:bb"


@pytest.mark.parametrize(
    "pushed", ["candidate: digest: {digest} size: 1573", "candidate: digest: {digest} size: 1" + NOTE]
)
def test_the_digest_is_in_what_every_engine_prints(sandbox: Sandbox, pushed: str) -> None:
    sandbox.plan["pushed"] = pushed
    assert sandbox.run().succeeded


@pytest.mark.parametrize("pushed", ["", "candidate: digest: sha256: size: 1", "latest: digest: {digest} size: 1"])
def test_a_push_that_gives_no_digest_is_the_build_system_s_fault(sandbox: Sandbox, pushed: str) -> None:
    sandbox.plan["pushed"] = pushed
    assert sandbox.run().code == "build-system-fault"


def test_a_failed_push_is_told_in_the_registry_s_words(sandbox: Sandbox) -> None:
    sandbox.errors["push"] = "denied: User is not authorized to perform: ecr:InitiateLayerUpload"
    build = sandbox.run()
    assert build.code == "push-failed"
    assert build.sentence.endswith(sandbox.errors["push"])


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


def test_a_manifest_of_an_unknown_kind_is_the_build_system_s_fault(sandbox: Sandbox) -> None:
    sandbox.plan["media_type"] = "application/vnd.example+json"
    assert sandbox.run().code == "build-system-fault"
