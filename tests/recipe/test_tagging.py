"""The tag is the commit: it stands on the checked digest, once, or the build failed."""

import pytest

from tests.recipe.support.sandbox import TAG, Sandbox


@pytest.mark.parametrize("kind", ["oci.image.manifest.v1", "docker.distribution.manifest.v2"])
def test_the_tag_names_the_manifest_that_was_pushed(sandbox: Sandbox, kind: str) -> None:
    sandbox.plan["media_type"] = f"application/vnd.{kind}+json"
    build = sandbox.run()
    assert build.succeeded
    assert f"@{sandbox.tags()[TAG]} as {TAG}" in build.log


def test_another_build_of_the_same_upload_was_first(sandbox: Sandbox) -> None:
    (sandbox.fakes / "race").write_text("sha256:0ther")
    sandbox.tag("other", "sha256:0ther")
    build = sandbox.run()
    assert build.succeeded
    assert f"Another build of this upload was first to tag {TAG}." in build.log
    assert sandbox.tags()[TAG] == "sha256:0ther"


def test_ecr_refuses_the_tag(sandbox: Sandbox) -> None:
    text = "An error occurred (LimitExceededException) when calling the PutImage operation: Too many images."
    sandbox.errors["put-image"] = text
    build = sandbox.run()
    assert build.code == "push-failed"
    assert build.sentence == f"ECR didn't take the tag {TAG}. {text}"


def test_an_ecr_that_can_t_be_asked_before_doesn_t_stop_a_build(sandbox: Sandbox) -> None:
    sandbox.errors["batch-get-image"] = (
        "An error occurred (ThrottlingException) when calling the BatchGetImage operation."
    )
    build = sandbox.run()
    assert build.code == "build-system-fault"
    assert "ThrottlingException" in build.log
