"""The tag is the commit: it stands on the checked digest, once, or the build failed."""

import pytest

from tests.recipe.support.sandbox import TAG, Sandbox


@pytest.mark.parametrize("kind", ["oci.image.manifest.v1", "docker.distribution.manifest.v2"])
def test_the_tag_names_the_manifest_that_was_pushed(sandbox: Sandbox, kind: str) -> None:
    sandbox.plan["media_type"] = f"application/vnd.{kind}+json"
    build = sandbox.run()
    assert build.succeeded
    assert f"@{sandbox.tags()[TAG]} as {TAG}" in build.log


def test_a_build_that_another_of_its_upload_overtook_succeeds(sandbox: Sandbox) -> None:
    (sandbox.fakes / "race").write_text("sha256:0ther")
    sandbox.tag("other", "sha256:0ther")
    build = sandbox.run()
    assert build.succeeded
    assert f"Another build of this upload was first to tag {TAG}." in build.log
    assert sandbox.tags()[TAG] == "sha256:0ther"


@pytest.mark.parametrize("operation", ["get-login-password", "batch-get-image", "put-image"])
def test_what_ecr_refuses_is_told_in_its_words(sandbox: Sandbox, operation: str) -> None:
    text = f"An error occurred (LimitExceededException) when calling the operation {operation}: Too many."
    sandbox.errors[operation] = text
    build = sandbox.run()
    assert build.code == "build-system-fault"
    assert build.sentence.startswith("ECR refuses ")
    assert build.sentence.endswith(text)


def test_a_build_ends_before_it_begins_where_ecr_does_not_answer(sandbox: Sandbox) -> None:
    sandbox.errors["batch-get-image"] = (
        "An error occurred (ThrottlingException) when calling the BatchGetImage operation."
    )
    assert sandbox.run().code == "build-system-fault"
    assert [call[2] for call in sandbox.calls()] == ["batch-get-image"]
