"""Ten messages at once: each has its own end, its own metric and its own lines in the log."""

import json

import pytest

from tests.functions.support.lambdas import OWN
from tests.functions.support.starting import BUILDING, Starting
from tests.support.stack import event

GARBAGE = {
    "no JSON": "garbage",
    "nothing": "",
    "no object": "[]",
    "an event of S3's own notifications": json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}),
    "another bucket": json.dumps(event("object-created")).replace(OWN, "somebody-elses"),
    "a schedule": json.dumps(event("schedule")),
}
"""tests/unit/core/test_uploads.py has the events that are no upload."""


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_a_message_that_is_no_upload_goes_back_to_the_queue(starting: Starting, garbage: str) -> None:
    assert starting.take(garbage) == [0]
    assert starting.wire.operations == []
    assert starting.printed.metrics == {"MessageFailed": 1}


@pytest.mark.parametrize("garbage", ["no JSON", "a schedule", "another bucket"])
def test_of_ten_messages_only_the_one_that_is_no_upload_goes_back_to_the_queue(
    starting: Starting, garbage: str
) -> None:
    uploads = [starting.upload(key=f"{number}.zip") for number in range(9)]
    starting.codebuild_takes(9)

    assert starting.take(*uploads[:4], GARBAGE[garbage], *uploads[4:]) == [4]
    assert {starting.tags(upload)["build-status"] for upload in uploads} == {"accepted"}
    assert starting.printed.metrics == {"BuildStarted": 9, "MessageFailed": 1}


def test_a_batch_that_failed_does_not_fail_the_next(starting: Starting) -> None:
    starting.take("garbage", "garbage")
    starting.codebuild_takes()

    assert starting.take(starting.upload()) == []


def test_every_message_of_a_batch_counts_once(starting: Starting) -> None:
    bad, good = starting.upload(b"no zip", key="bad.zip"), starting.upload(key="good.zip")
    late, folder = starting.upload(key="late.zip"), starting.upload(b"", key="folder/")
    gone, done = starting.upload(key="gone.zip"), starting.upload(key="done.zip")
    starting.bucket.remove(gone)
    starting.registry.push(done.tag)
    starting.codebuild_takes()
    starting.codebuild_refuses("AccountLimitExceededException")

    assert starting.take(bad, good, late, folder, "garbage", gone, done) == [2, 4]
    assert starting.printed.metrics == {
        "UploadRejected": 2,
        "BuildStarted": 1,
        "BuildWaiting": 1,
        "FolderIgnored": 1,
        "MessageFailed": 1,
        "UploadDoneBefore": 1,
    }


# The log


@pytest.mark.parametrize(
    "key", ["new\nline.zip", 'x\n{"level": "INFO", "message": "BuildStarted"}', "\r\n\u2028\x00.zip"]
)
def test_a_key_begins_no_line_of_the_log(starting: Starting, key: str) -> None:
    starting.take(starting.upload(key=key))
    keys = [entry["key"] for entry in starting.printed.log if "key" in entry]

    assert keys
    assert set(keys) == {key}
    assert not starting.printed.entries("BuildStarted")


def test_a_message_that_goes_back_is_logged_with_its_cause_and_no_key_of_another(
    starting: Starting,
) -> None:
    starting.take(starting.upload(b"no zip"), GARBAGE["another bucket"])
    (entry,) = starting.printed.entries("The message goes back to the queue")

    assert (entry["level"], entry["message_id"]) == ("ERROR", "message-1")
    assert "NotAnUploadError" in entry["exception"]
    assert "key" not in entry
    assert {each["function_request_id"] for each in starting.printed.log} == {"6f1d2c84-0a7b-5e39-9b4d-c2e85f7a1036"}


# A service that doesn't answer


def test_no_message_is_begun_that_might_outlast_the_invocation(starting: Starting) -> None:
    uploads = [starting.upload(key=f"{number}.zip") for number in range(3)]
    left = [29_000]
    starting.left = lambda: left[-1]
    starting.wire.before("StartBuild", lambda: left.append(19_999))
    starting.codebuild_takes()

    assert starting.take(*uploads) == [1, 2]
    assert starting.printed.metrics == {"BuildStarted": 1, "MessagePostponed": 2}
    assert starting.printed.attention == 0


def test_the_first_message_is_begun_however_long_the_start_took(starting: Starting) -> None:
    upload = starting.upload()
    starting.left = lambda: 10_000
    starting.codebuild_takes()

    assert starting.take(upload) == []
    assert starting.tags(upload) == upload.status("accepted", BUILDING)
    assert starting.printed.metrics == {"BuildStarted": 1}


def test_after_a_first_message_that_failed_the_others_wait_for_time_too(starting: Starting) -> None:
    starting.left = lambda: 19_999

    assert starting.take("garbage", starting.upload()) == [0, 1]
    assert starting.printed.metrics == {"MessageFailed": 1, "MessagePostponed": 1}
