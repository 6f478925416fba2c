"""An upload becomes an image, and the newest one is what the parameter names."""

from local.pipeline import Pipeline, Upload, variables, wait_for
from local.sources.samples import good, of_macos
from tests.e2e.support.operators import busy
from tests.e2e.support.triggers import trigger
from tests.e2e.support.waiting import SECONDS


def test_an_upload_is_recorded_by_digest(pipeline: Pipeline, first: Upload) -> None:
    tag = pipeline.tags(first)["image-tag"]
    images = pipeline.images()
    version = next(each for each in pipeline.history() if each.get("Description", "").startswith(f"{tag} "))
    assert version["Value"] == f"{pipeline.outputs['RepositoryUri']}@{images[tag]}"
    assert version["Type"] == "String"


def test_latest_is_the_recorded_image(pipeline: Pipeline, recorded_before: str) -> None:
    digest = recorded_before.partition("@")[2]
    assert wait_for("The move of latest", lambda: pipeline.images().get("latest") == digest, SECONDS)


def test_a_zip_of_a_folder_is_built_from_the_folder(pipeline: Pipeline) -> None:
    upload = pipeline.upload("folder.zip", of_macos("in a folder"))
    assert pipeline.wait_until_recorded(upload, SECONDS)


def test_two_quick_uploads_to_one_key_are_two_images_and_the_second_is_recorded(pipeline: Pipeline) -> None:
    older = pipeline.upload("quick.zip", good("older"))
    newer = pipeline.upload("quick.zip", good("newer"))
    recorded = pipeline.wait_until_recorded(newer, SECONDS)
    assert pipeline.ended_build(older, SECONDS)["buildStatus"] == "SUCCEEDED"
    assert pipeline.image_of(older) not in {"", recorded}
    assert pipeline.tags(older)["image-tag"] < pipeline.tags(newer)["image-tag"]
    trigger(pipeline)
    assert pipeline.recorded() == recorded


def test_an_older_upload_whose_build_ends_last_is_not_recorded(pipeline: Pipeline) -> None:
    with busy(pipeline):
        older = pipeline.upload("older.zip", good("older, and built last"))
        (stopped,) = wait_for("Its build in the queue", lambda: pipeline.builds(older), SECONDS)
        pipeline.codebuild.stop_build(id=stopped["id"])
    assert pipeline.ended_build(older, SECONDS)["buildStatus"] == "STOPPED"
    newer = pipeline.upload("newer.zip", good("newer"))
    recorded = pipeline.wait_until_recorded(newer, SECONDS)
    pipeline.codebuild.start_build(
        projectName=stopped["projectName"],
        environmentVariablesOverride=[
            {"name": name, "value": variables(stopped)[name], "type": "PLAINTEXT"}
            for name in ("SOURCE_KEY", "SOURCE_VERSION_ID", "IMAGE_TAG")
        ],
    )
    wait_for("The end of the second build", lambda: pipeline.builds(older)[0]["buildStatus"] == "SUCCEEDED", SECONDS)
    assert pipeline.image_of(older)
    trigger(pipeline)
    assert pipeline.recorded() == recorded
