"""Events come more than once and in any order: what is done stays done, and is found out with the fewest requests."""

import pytest

from tests.functions.support.bucket import GOOD
from tests.functions.support.starting import BUILDING, Starting

FINAL = ["rejected", "failed", "superseded", "recorded"]


@pytest.mark.parametrize("status", FINAL)
def test_an_upload_with_a_final_status_is_left_alone(starting: Starting, status: str) -> None:
    upload = starting.upload()
    tags = upload.status(status, "some-code: Some sentence.")
    starting.tag(upload, tags)

    assert starting.take(upload) == []
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


def test_a_duplicate_event_asks_for_the_same_build(starting: Starting) -> None:
    upload = starting.upload()
    starting.codebuild_takes(2)
    starting.take(upload)
    starting.take(upload)
    first, second = starting.wire.of("StartBuild")

    assert first == second


def test_a_duplicate_event_writes_no_tags(starting: Starting) -> None:
    upload = starting.upload()
    starting.codebuild_takes(2)
    starting.take(upload)
    starting.wire.forget()
    starting.take(upload)

    assert "PutObjectTagging" not in starting.wire.operations


def test_an_event_repeated_with_another_time_keeps_the_tag_that_the_version_carries(starting: Starting) -> None:
    upload = starting.upload()
    starting.codebuild_takes(2)
    starting.take(upload)
    starting.take(upload.at("2026-11-21T00:00:00Z"))
    first, second = starting.wire.of("StartBuild")

    assert first == second
    assert starting.tags(upload) == upload.status("accepted", BUILDING)


def test_a_recorded_upload_s_event_repeated_with_another_time_starts_nothing(starting: Starting) -> None:
    upload = starting.upload()
    starting.tag(upload, {"build-status": "recorded", "image-tag": upload.tag, "image-uri": "some"})

    assert starting.take(upload.at("2026-11-21T00:00:00Z")) == []
    assert starting.printed.metrics == {"UploadDoneBefore": 1}


# CopyObject copies tags


@pytest.mark.parametrize("status", FINAL)
def test_a_status_that_came_with_a_copy_is_not_the_copy_s_own(starting: Starting, status: str) -> None:
    original = starting.upload(key="original.zip")
    copied = original.status(status, "some-code: Some sentence.") | {"image-uri": "some", "own": "kept"}
    copy = starting.upload(key="copy.zip", tags=copied)
    starting.codebuild_takes()

    assert starting.take(copy) == []
    assert starting.tags(copy) == copy.status("accepted", BUILDING) | {"own": "kept"}
    assert starting.printed.metrics == {"BuildStarted": 1}


def test_the_image_of_a_copied_upload_is_not_the_copy_s_own(starting: Starting) -> None:
    original = starting.upload(key="original.zip")
    starting.registry.push(original.tag)
    copy = starting.upload(key="copy.zip", tags=original.status("recorded", "some"))
    starting.codebuild_takes()
    starting.take(copy)

    assert starting.printed.metrics == {"BuildStarted": 1}


@pytest.mark.parametrize("form", ["build-{0}", "build-20261120T101530Z-xyz-{0}", "{0}", "latest"])
def test_an_image_tag_of_another_form_is_not_the_upload_s_own(starting: Starting, form: str) -> None:
    upload = starting.upload()
    starting.tag(upload, {"build-status": "recorded", "image-tag": form.format(upload.id)})
    starting.codebuild_takes()
    starting.take(upload)

    assert starting.tags(upload) == upload.status("accepted", BUILDING)


# What is no upload


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


def test_an_impossible_date_in_an_image_tag_is_no_tag(starting: Starting) -> None:
    upload = starting.upload(b"no zip")
    starting.tag(upload, {"image-tag": f"build-20261399T999999Z-00-{upload.id}"})

    assert starting.take(upload) == []
    assert starting.tags(upload)["image-tag"] == upload.tag
    assert starting.printed.metrics == {"UploadRejected": 1}
