"""Notifying fails, or the invocation ends before it: images are recorded all the same, and the next resync notifies."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from aws.ssm import NotWrittenError
from tests.functions.support.notifying import BROKEN, Notifying
from tests.functions.support.repository import uri

# What is asked for before anything is published, then what commits.
ASKED = ["BatchGetBuilds", "GetObjectTagging", "GetLogEvents"]
PUBLISHED = ["PutEvents"]
REFUSED = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "As the test wants."}]}
HOUR = timedelta(hours=1)
NOT_RECORDED = (
    "not-recorded: The image is built and cannot be recorded now. It is tried again at least every 15 minutes."
)


class KilledError(BaseException):
    """How Lambda ends an invocation: nothing in the function catches it."""


@pytest.mark.parametrize("operation", [*ASKED, *PUBLISHED])
def test_a_failure_to_notify_fails_no_invocation_and_the_next_resync_notifies(
    notifying: Notifying, operation: str
) -> None:
    upload = notifying.upload()
    notifying.notifier_wire.fails(operation, "InternalServerError", 500)
    notifying.build_ended(notifying.breaks(upload, ago=HOUR))

    assert notifying.tags(upload) == {}
    assert notifying.printed.metrics == {"NothingToRecord": 1, "NotificationFailed": 1}
    notifying.notifier_wire.heals(operation)
    notifying.notifier_wire.forget()
    notifying.resync()
    assert notifying.subscriber.counts == (1, 1)
    assert notifying.tags(upload) == upload.status("failed", BROKEN)


@pytest.mark.parametrize("operation", ["BatchGetBuilds", "GetObjectTagging", *PUBLISHED])
def test_a_failure_to_notify_holds_up_no_recording(notifying: Notifying, operation: str) -> None:
    upload = notifying.upload()
    notifying.notifier_wire.fails(operation, "InternalServerError", 500)
    notifying.build_ended(notifying.succeeds(upload))

    assert notifying.value == uri(upload.tag)
    assert notifying.printed.metrics == {"ImageRecorded": 1, "NotificationFailed": 1}


def test_an_event_that_eventbridge_does_not_take_is_published_by_the_next_resync(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.notifier_wire.answers("PutEvents", REFUSED)
    notifying.build_ended(notifying.breaks(upload, ago=HOUR))

    assert notifying.subscriber.counts == (0, 0)
    assert notifying.tags(upload) == {}
    assert notifying.printed.metrics == {"NothingToRecord": 1, "NotificationFailed": 1}
    (entry,) = notifying.printed.entries("An upload wasn't notified: the next resync does it")
    assert "InternalFailure" in entry["exception"]
    notifying.notifier_wire.heals("PutEvents")
    notifying.resync()
    assert notifying.subscriber.counts == (1, 1)


def test_a_service_that_does_not_answer_is_a_failure_to_notify(notifying: Notifying) -> None:
    def time_out() -> None:
        raise ReadTimeoutError(endpoint_url="https://events.us-east-1.amazonaws.com")

    notifying.notifier_wire.before("PutEvents", time_out)
    notifying.build_ended(notifying.breaks(notifying.upload()))

    assert notifying.printed.metrics == {"NothingToRecord": 1, "NotificationFailed": 1}


@pytest.mark.parametrize("refusal", ["AuthorizationError", "Throttled", "Read timeout"])
def test_a_mail_that_sns_does_not_take_is_counted_and_repeats_nothing(notifying: Notifying, refusal: str) -> None:
    def time_out() -> None:
        raise ReadTimeoutError(endpoint_url="https://sns.us-east-1.amazonaws.com")

    upload = notifying.upload()
    if refusal == "Read timeout":
        notifying.notifier_wire.before("Publish", time_out)
    else:
        notifying.notifier_wire.fails("Publish", refusal, 400)
    notifying.build_ended(notifying.succeeds(upload))
    for _ in range(3):
        notifying.resync()

    assert notifying.subscriber.counts == (1, 0)
    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))
    assert notifying.printed.metrics["MailFailed"] == 1
    (entry,) = notifying.printed.entries("The mail can't be sent")
    assert refusal in entry["cause"]


def test_an_upload_whose_status_s3_does_not_take_now_is_notified_again(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.notifier_wire.fails("PutObjectTagging", "SlowDown", 503)
    notifying.build_ended(notifying.breaks(upload))
    assert notifying.printed.metrics == {"NothingToRecord": 1, "StatusNotWritten": 1, "UploadFailed": 1}
    notifying.notifier_wire.heals("PutObjectTagging")
    notifying.resync()
    notifying.resync()

    assert notifying.subscriber.counts == (2, 2)
    assert notifying.tags(upload) == upload.status("failed", BROKEN)


def test_a_failure_to_notify_one_upload_does_not_hold_up_the_others(notifying: Notifying) -> None:
    uploads = [notifying.upload(key=f"{number}.zip") for number in range(3)]
    answers = iter([REFUSED, {"FailedEntryCount": 0, "Entries": [{}]}, {"FailedEntryCount": 0, "Entries": [{}]}])
    notifying.notifier_wire.answers_one_by_one("PutEvents", answers)
    notifying.build_ended(*(notifying.breaks(upload) for upload in uploads))

    assert sorted(notifying.tags(upload).get("build-status", "") for upload in uploads) == ["", "failed", "failed"]
    assert notifying.printed.metrics == {"NothingToRecord": 1, "NotificationFailed": 1, "UploadFailed": 2}


def test_a_list_of_builds_that_can_not_be_had_fails_only_the_resync(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.notifier_wire.fails("ListBuildsForProject", "ThrottlingException", 400)
    notifying.trigger([notifying.build_event(notifying.breaks(upload)), *notifying.schedule])

    assert notifying.subscriber.counts == (1, 1)
    assert notifying.printed.metrics == {"NothingToRecord": 1, "NotificationFailed": 1, "UploadFailed": 1}


@pytest.mark.parametrize("operation", [*ASKED, "PutEvents", "Publish", "PutObjectTagging", "ListBuildsForProject"])
def test_each_request_of_notifying_is_sent_once(notifying: Notifying, operation: str) -> None:
    notifying.breaks(notifying.upload())
    attempts = notifying.notifier_wire.without_service(operation)
    if operation in {"BatchGetBuilds", "ListBuildsForProject"}:
        notifying.project.is_silent(operation)
    notifying.resync()

    assert attempts == [operation]


# The recording fails


@pytest.mark.parametrize("step", ["BatchGetImage", "PutParameter"])
def test_where_recording_fails_settled_uploads_are_notified_and_the_invocation_fails(
    notifying: Notifying, step: str
) -> None:
    broken, built = notifying.upload(key="broken.zip"), notifying.upload(key="built.zip")
    build_ids = notifying.breaks(broken), notifying.succeeds(built)
    notifying.wire.fails(step, "InternalServerError", 500)

    with pytest.raises((ClientError, NotWrittenError), match=step):
        notifying.build_ended(*build_ids)
    assert notifying.tags(broken) == broken.status("failed", BROKEN)
    assert notifying.tags(built) == built.status("waiting", NOT_RECORDED)
    assert notifying.subscriber.counts == (1, 1)
    assert notifying.printed.metrics == {"RecordingFailed": 1, "UploadFailed": 1}
    notifying.wire.heals(step)
    notifying.resync()
    assert notifying.tags(built) == built.recorded(uri(built.tag))
    assert notifying.subscriber.counts == (2, 2)


@pytest.mark.parametrize("step", ["ListImages", "GetParameterHistory"])
def test_without_the_repository_or_the_history_nobody_is_notified(notifying: Notifying, step: str) -> None:
    notifying.wire.fails(step, "InternalServerError", 500)

    with pytest.raises(ClientError, match=step):
        notifying.build_ended(notifying.breaks(notifying.upload()))
    assert notifying.notifier_wire.operations == []


def test_where_recording_and_notifying_fail_the_recordings_error_is_raised(notifying: Notifying) -> None:
    notifying.wire.fails("PutParameter", "InternalServerError", 500)
    notifying.notifier_wire.fails("BatchGetBuilds", "ThrottlingException", 400)

    with pytest.raises(NotWrittenError, match="PutParameter"):
        notifying.build_ended(notifying.succeeds(notifying.upload()))
    assert notifying.printed.metrics == {"RecordingFailed": 1, "NotificationFailed": 1}


# The invocation ends halfway


@pytest.mark.parametrize("operation", ["BatchGetBuilds", "GetObjectTagging", "PutEvents"])
def test_an_upload_recorded_and_not_notified_when_the_function_is_killed_is_notified_by_the_resync(
    notifying: Notifying, operation: str
) -> None:
    upload = notifying.upload()
    deaths: Iterator[BaseException] = iter([KilledError()])

    def die() -> None:
        for death in deaths:
            raise death

    notifying.notifier_wire.before(operation, die)
    with pytest.raises(KilledError):
        notifying.build_ended(notifying.succeeds(upload))
    assert notifying.value == uri(upload.tag)
    assert notifying.tags(upload) == {}
    notifying.resync()

    assert len(notifying.versions()) == 1
    assert notifying.subscriber.counts == (1, 1)
    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))
