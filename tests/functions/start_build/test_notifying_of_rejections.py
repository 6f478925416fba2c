"""A rejection is published before it stands on the version, and comes again until that was done."""

from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from tests.functions.support.bucket import Upload
from tests.functions.support.frozen_clock import SINCE_UPLOAD
from tests.functions.support.starting import Starting
from tests.functions.support.subscriber import TOPIC
from tests.support.zips import zipped

NOT_A_ZIP = "not-a-zip: This is not a zip file or its end is missing. Make a zip and upload it again."
UNREADABLE = "source-unreadable: This version is gone or encrypted with a key that builds may not use. Upload it again."
OWN = {f"own-{number}": "value" for number in range(8)}
REFUSED = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "As the test wants."}]}


def detail(starting: Starting, upload: Upload, reason: str) -> dict[str, Any]:
    """The detail of a rejection's event."""
    return {
        "service": "jwt-pizza-service",
        "bucket": starting.bucket.name,
        "key": upload.key,
        "versionId": upload.version_id,
        "status": "rejected",
        "reason": reason,
        "ending": None,
        "output": [],
        "log": None,
        "imageTag": upload.tag,
        "imageUri": None,
        "buildId": None,
        "seconds": SINCE_UPLOAD,
    }


def test_a_rejection_gives_exactly_this_event_then_this_mail_then_the_status_and_each_once(starting: Starting) -> None:
    upload = starting.upload(b"no zip")
    starting.take(upload)
    assert starting.wire.operations[-3:] == ["PutEvents", "Publish", "PutObjectTagging"]
    starting.wire.requests.clear()
    starting.take(upload, upload)
    assert starting.wire.operations == ["GetObjectTagging", "GetObjectTagging"]

    (entry,) = starting.subscriber.entries
    assert entry.keys() == {"Source", "DetailType", "Detail"}
    assert (entry["Source"], entry["DetailType"]) == ("source-to-ecr", "Upload Rejected")
    assert starting.subscriber.events == [detail(starting, upload, NOT_A_ZIP)]
    assert starting.subscriber.mails == [
        {
            "TopicArn": TOPIC,
            "Subject": "jwt-pizza-service: rejected jwt-pizza-service.zip",
            "Message": (
                "service: jwt-pizza-service\n"
                f"bucket: {starting.bucket.name}\n"
                'key: "jwt-pizza-service.zip"\n'
                f"versionId: {upload.version_id}\n"
                "status: rejected\n"
                f"reason: {NOT_A_ZIP}\n"
                f"imageTag: {upload.tag}\n"
                f"seconds: {SINCE_UPLOAD}\n"
            ),
        }
    ]


def test_a_build_that_starts_or_waits_notifies_nobody(starting: Starting) -> None:
    starting.codebuild_takes()
    starting.codebuild_refuses("AccountLimitExceededException")
    starting.take(starting.upload(key="first.zip"), starting.upload(key="second.zip"))

    assert starting.subscriber.counts == (0, 0)


@pytest.mark.parametrize("folder", ["a\nstatus: recorded\nb", "a\r\nb", "a\u2028b", "/".join(["f" * 250] * 15)])
def test_a_folder_in_the_zip_makes_neither_a_line_of_a_mail_nor_a_flood(starting: Starting, folder: str) -> None:
    starting.take(starting.upload(zipped({f"{folder}/deeper/Dockerfile": "FROM scratch\n"})))
    (mail,), (detail,) = starting.subscriber.mails, starting.subscriber.events

    assert "\nreason: no-dockerfile: " in mail["Message"]
    assert len(mail["Message"].splitlines()) == 8
    assert len(detail["reason"]) < 1_000


# It can't be written on the version


def test_a_rejection_without_room_for_a_status_is_published(starting: Starting) -> None:
    upload = starting.upload(b"no zip", tags=OWN)
    starting.take(upload)

    assert starting.subscriber.events == [detail(starting, upload, NOT_A_ZIP)]
    assert len(starting.subscriber.mails) == 1


@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("SlowDown", 503)])
def test_a_rejection_whose_status_s3_does_not_take_is_published_and_done(
    starting: Starting, code: str, status: int
) -> None:
    starting.wire.fails("PutObjectTagging", code, status)

    assert starting.take(starting.upload(b"no zip")) == []
    assert starting.subscriber.counts == (1, 1)
    assert starting.printed.metrics == {"UploadRejected": 1, "StatusNotWritten": 1}


@pytest.mark.parametrize(("code", "status"), [("NoSuchKey", 404), ("NoSuchVersion", 404), ("MethodNotAllowed", 405)])
def test_the_rejection_of_a_version_that_can_not_be_read_is_published_and_writes_no_tags(
    starting: Starting, code: str, status: int
) -> None:
    upload = starting.upload(tags={"own": "kept"})
    starting.wire.fails("GetObjectTagging", code, status)

    assert starting.take(upload) == []
    assert starting.wire.operations == ["GetObjectTagging", "BatchGetImage", "PutEvents", "Publish"]
    assert starting.printed.metrics == {"UploadRejected": 1}
    assert starting.subscriber.events == [detail(starting, upload, UNREADABLE)]
    assert len(starting.subscriber.mails) == 1
    assert starting.tags(upload) == {"own": "kept"}


def test_the_rejection_of_content_that_can_not_be_read_is_published_and_writes_tags(starting: Starting) -> None:
    upload = starting.upload()
    starting.wire.fails("GetObject", "InvalidObjectState", 403)
    starting.take(upload)

    assert starting.subscriber.events == [detail(starting, upload, UNREADABLE)]
    assert starting.tags(upload)["build-status"] == "rejected"


# It can't be published


def fails(starting: Starting, how: str) -> None:
    """Has publishing fail."""

    def time_out() -> None:
        raise ConnectTimeoutError(endpoint_url="https://events.us-east-1.amazonaws.com")

    match how:
        case "an event that isn't taken":
            starting.wire.answers("PutEvents", REFUSED)
        case "no answer":
            starting.wire.before("PutEvents", time_out)
        case operation:
            starting.wire.fails(operation, "AuthorizationError", 403)


@pytest.mark.parametrize("how", ["PutEvents", "an event that isn't taken", "no answer"])
def test_a_rejection_that_can_not_be_published_waits_until_it_is(starting: Starting, how: str) -> None:
    upload = starting.upload(b"no zip")
    fails(starting, how)

    assert starting.take(upload) == [0]
    assert starting.tags(upload)["build-status"] == "waiting"
    assert "Publish" not in starting.wire.operations
    assert starting.printed.metrics == {"MessageFailed": 1}
    if how != "no answer":
        starting.wire.heals("PutEvents")
        starting.wire.forget()
        assert starting.take(upload) == []
        assert starting.subscriber.counts == (1, 1)
        assert starting.tags(upload) == upload.status("rejected", NOT_A_ZIP)


def test_a_rejection_whose_mail_is_refused_is_done(starting: Starting) -> None:
    upload = starting.upload(b"no zip")
    starting.wire.fails("Publish", "AuthorizationError", 403)

    assert [starting.take(upload) for _ in range(3)] == [[], [], []]
    assert starting.subscriber.counts == (1, 0)
    assert starting.tags(upload) == upload.status("rejected", NOT_A_ZIP)
    assert starting.printed.metrics["MailFailed"] == 1
    assert starting.printed.repair == 1


@pytest.mark.parametrize("operation", ["PutEvents", "Publish"])
def test_each_request_that_publishes_a_rejection_is_sent_once(starting: Starting, operation: str) -> None:
    attempts = starting.wire.without_service(operation)
    starting.take(starting.upload(b"no zip"))

    assert attempts == [operation]
