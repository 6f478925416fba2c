"""An upload that waits below the image of a newer one: its build would never be recorded, so it isn't asked for."""

import pytest

from tests.functions.support.bucket import Upload
from tests.functions.support.frozen_clock import SINCE_UPLOAD
from tests.functions.support.starting import BUILDING, Starting

FULL = "AccountLimitExceededException"
NO_ROOM = "no-room: CodeBuild takes no more builds now. The quota of a new account may be 0: ask AWS to raise it"
NEWER = "build-20261120T101531Z-00-0f3e9a71"
OLDER = "build-20261120T101529Z-00-0f3e9a71"
OTHERS = ["build-20991231T235959Z-00-0f3e9a71", "build-99", f"{NEWER}-by-hand", "latest", "keep-99", OLDER]


@pytest.fixture
def waiting(starting: Starting) -> Upload:
    """An upload whose build CodeBuild has refused."""
    upload = starting.upload(tags={"own": "kept"})
    starting.codebuild_refuses(FULL)
    starting.take(upload)
    starting.wire.forget()
    return upload


def test_an_upload_that_waits_below_a_newer_image_is_superseded_once_with_an_event_and_no_mail(
    starting: Starting, waiting: Upload
) -> None:
    starting.registry.push(NEWER)

    assert starting.take(waiting) == []
    assert starting.wire.operations[-2:] == ["PutEvents", "PutObjectTagging"]
    assert starting.take(waiting) == []
    assert "StartBuild" not in starting.wire.operations
    tags = starting.tags(waiting)
    assert tags == waiting.status("superseded", tags["build-reason"]) | {"own": "kept"}
    assert tags["build-reason"].startswith("superseded: A newer upload is recorded or ready.")
    assert starting.printed.metrics == {"BuildWaiting": 1, "UploadSuperseded": 1, "UploadDoneBefore": 1}
    (entry,), (detail,) = starting.subscriber.entries, starting.subscriber.events
    assert (entry["Source"], entry["DetailType"]) == ("source-to-ecr", "Upload Superseded")
    assert (detail["key"], detail["versionId"], detail["status"]) == (waiting.key, waiting.version_id, "superseded")
    assert (detail["imageTag"], detail["imageUri"], detail["buildId"]) == (waiting.tag, None, None)
    assert detail["seconds"] == SINCE_UPLOAD
    assert starting.subscriber.mails == []


def test_an_upload_that_an_older_stack_had_wait_is_superseded_as_well(starting: Starting) -> None:
    upload = starting.upload()
    starting.tag(upload, upload.status("accepted", "waiting: CodeBuild takes no more builds now."))
    starting.registry.push(NEWER)
    starting.take(upload)

    assert starting.tags(upload)["build-status"] == "superseded"


def test_a_superseded_upload_whose_event_is_not_taken_comes_again(starting: Starting, waiting: Upload) -> None:
    starting.registry.push(NEWER)
    starting.wire.fails("PutEvents", "InternalException", 500)

    assert starting.take(waiting) == [0]
    assert starting.tags(waiting)["build-status"] == "waiting"
    starting.wire.heals("PutEvents")
    assert starting.take(waiting) == []
    assert starting.tags(waiting)["build-status"] == "superseded"


@pytest.mark.parametrize("tag", OTHERS)
def test_the_build_of_a_waiting_upload_is_asked_for_where_no_newer_build_tag_is(
    starting: Starting, waiting: Upload, tag: str
) -> None:
    starting.registry.push(tag)
    starting.codebuild_takes()

    assert starting.take(waiting) == []
    assert starting.tags(waiting) == waiting.status("accepted", BUILDING) | {"own": "kept"}
    assert starting.subscriber.counts == (0, 0)


@pytest.mark.parametrize("carried", [[], ["image-tag"], ["build-status", "image-tag", "build-reason"]])
def test_the_build_of_an_upload_that_has_not_waited_is_asked_for_below_a_newer_image(
    starting: Starting, carried: list[str]
) -> None:
    upload = starting.upload()
    accepted = upload.status("accepted", BUILDING)
    if carried:
        starting.tag(upload, {name: accepted[name] for name in carried})
    starting.registry.push(NEWER)
    starting.codebuild_takes()

    assert starting.take(upload.at("2026-11-21T00:00:00Z") if carried else upload) == []
    (asked,) = starting.wire.of("StartBuild")
    assert asked["environmentVariablesOverride"][2]["value"] == upload.tag
    assert starting.tags(upload) == upload.status("accepted", BUILDING)
    assert starting.subscriber.counts == (0, 0)
    assert "ListImages" not in starting.wire.operations


def test_a_bad_archive_that_waits_below_a_newer_image_is_rejected(starting: Starting) -> None:
    upload = starting.upload(b"no zip")
    starting.tag(upload, upload.status("waiting", NO_ROOM))
    starting.registry.push(NEWER)
    starting.take(upload)

    assert starting.tags(upload)["build-status"] == "rejected"


def test_a_repository_that_does_not_answer_supersedes_no_upload(starting: Starting, waiting: Upload) -> None:
    starting.registry.push(NEWER)
    starting.wire.fails("ListImages", "ServerException", 500)

    assert starting.take(waiting) == [0]
    assert starting.tags(waiting)["build-status"] == "waiting"
    assert starting.subscriber.counts == (0, 0)
