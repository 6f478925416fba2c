"""Events come more than once and in any order: what is done stays done, and is found out with the fewest requests."""

import pytest

from tests.functions.support.bucket import GOOD
from tests.functions.support.starting import BUILDING, Starting

LATER = "2026-11-21T00:00:00Z"


@pytest.mark.parametrize("status", ["rejected", "failed", "superseded", "recorded"])
def test_an_upload_with_a_final_status_is_left_alone(starting: Starting, status: str) -> None:
    upload = starting.upload()
    tags = upload.status(status, "some-code: Some sentence.")
    starting.tag(upload, tags)

    assert starting.take(upload.at(LATER)) == []
    assert starting.wire.operations == ["GetObjectTagging"]
    assert starting.tags(upload) == tags
    assert starting.printed.metrics == {"UploadDoneBefore": 1}


def test_an_upload_whose_image_exists_is_not_read(starting: Starting) -> None:
    upload = starting.upload()
    starting.registry.push(upload.tag)

    assert starting.take(upload) == []
    assert starting.wire.operations == ["GetObjectTagging", "BatchGetImage"]
    assert starting.tags(upload) == {}
    assert starting.printed.metrics == {"UploadDoneBefore": 1}


def test_the_repository_is_asked_for_the_upload_s_own_tag(starting: Starting) -> None:
    upload = starting.upload()
    starting.registry.push(upload.tag[:-1] + ("0" if upload.tag[-1] != "0" else "1"))
    starting.codebuild_takes()
    starting.take(upload)
    (asked,) = starting.wire.of("BatchGetImage")

    assert asked["repositoryName"] == "jwt-pizza-service"
    assert asked["imageIds"] == [{"imageTag": upload.tag}]
    assert starting.printed.metrics == {"BuildStarted": 1}


def test_a_repeated_event_asks_for_the_same_build_under_the_tag_that_the_version_carries(starting: Starting) -> None:
    upload = starting.upload()
    starting.codebuild_takes(3)
    for repeated in (upload, upload, upload.at(LATER)):
        starting.take(repeated)
    first, *others = starting.wire.of("StartBuild")

    assert others == [first, first]
    assert starting.tags(upload) == upload.status("accepted", BUILDING)
    assert starting.wire.operations.count("PutObjectTagging") == 1


def test_the_status_and_the_image_of_a_copied_upload_are_not_the_copy_s_own(starting: Starting) -> None:
    original = starting.upload(key="original.zip")
    starting.registry.push(original.tag)
    copy = starting.upload(key="copy.zip", tags=original.recorded("some") | {"own": "kept"})
    starting.codebuild_takes()

    assert starting.take(copy) == []
    assert starting.tags(copy) == copy.status("accepted", BUILDING) | {"own": "kept"}
    assert starting.printed.metrics == {"BuildStarted": 1}


@pytest.mark.parametrize("form", ["build-20260230T101530Z-6B-{0}", "{0}", "latest"])
def test_an_image_tag_of_another_form_is_not_the_upload_s_own(starting: Starting, form: str) -> None:
    upload = starting.upload(b"no zip")
    starting.tag(upload, {"build-status": "recorded", "image-tag": form.format(upload.id)})

    assert starting.take(upload) == []
    tags = starting.tags(upload)
    assert (tags["build-status"], tags["image-tag"]) == ("rejected", upload.tag)
    assert starting.printed.metrics == {"UploadRejected": 1}


def test_a_folder_marker_is_ignored(starting: Starting) -> None:
    upload = starting.upload(b"", key="folder/")

    assert starting.take(upload) == []
    assert starting.wire.operations == []
    assert starting.printed.metrics == {"FolderIgnored": 1}


def test_a_key_that_only_looks_like_a_folder_is_an_upload(starting: Starting) -> None:
    upload = starting.upload(GOOD, key="folder/.zip")
    starting.codebuild_takes()
    starting.take(upload)

    assert starting.printed.metrics == {"BuildStarted": 1}
