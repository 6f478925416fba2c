"""The tag is the commit: it stands on the checked digest, once, or the build failed."""

import pytest

from tests.recipe.support.sandbox import TAG, World


@pytest.mark.parametrize("kind", ["oci.image.manifest.v1", "docker.distribution.manifest.v2"])
def test_the_tag_names_the_manifest_that_was_pushed(world: World, kind: str) -> None:
    world.plan["media_type"] = f"application/vnd.{kind}+json"
    build = world.run()
    assert build.succeeded
    assert f"@{world.tags()[TAG]} as {TAG}" in build.log


def test_an_image_of_another_kind_is_not_tagged(world: World) -> None:
    world.plan["media_type"] = "application/vnd.oci.image.index.v1+json"
    assert not world.run().succeeded


def test_another_build_of_the_same_upload_was_first(world: World) -> None:
    (world.world / "race").write_text("sha256:0ther")
    world.tag("other", "sha256:0ther")
    build = world.run()
    assert build.succeeded
    assert f"Another build of this upload was first to tag {TAG}." in build.log
    assert world.tags()[TAG] == "sha256:0ther"


def test_ecr_refuses_the_tag(world: World) -> None:
    text = "An error occurred (LimitExceededException) when calling the PutImage operation: Too many images."
    world.errors["put-image"] = text
    build = world.run()
    assert build.code == "push-failed"
    assert build.sentence == f"ECR didn't take the tag {TAG}. {text}"


def test_an_ecr_that_can_t_be_asked_before_doesn_t_stop_a_build(world: World) -> None:
    world.errors["batch-get-image"] = (
        "An error occurred (ThrottlingException) when calling the BatchGetImage operation."
    )
    build = world.run()
    assert build.code == "build-system-fault"
    assert "ThrottlingException" in build.log
