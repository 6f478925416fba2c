"""Telling fails, or the invocation ends before it: no recording is held up, and the next sweep tells."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.handlers.support.notifying import BROKEN, Tellings
from tests.handlers.support.registry import uri

# What is asked for before anything is published, then what publishes.
ASKED = ["BatchGetBuilds", "GetObjectTagging", "GetLogEvents"]
PUBLISHED = ["PutEvents", "Publish"]
REFUSED = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "As told."}]}
HOUR = timedelta(hours=1)


class KilledError(BaseException):
    """How Lambda ends an invocation: nothing in the function catches it."""


@pytest.mark.parametrize("operation", [*ASKED, *PUBLISHED])
def test_a_failure_fails_no_invocation(telling: Tellings, operation: str) -> None:
    upload = telling.upload()
    telling.telling.fails(operation, "InternalServerError", 500)
    telling.hear(telling.breaks(upload))

    assert telling.tags(upload) == {}
    assert telling.printed.metrics == {"NothingToRecord": 1, "TellingFailed": 1}


@pytest.mark.parametrize("operation", [*ASKED, *PUBLISHED])
def test_then_the_next_sweep_tells(telling: Tellings, operation: str) -> None:
    upload = telling.upload()
    telling.telling.fails(operation, "InternalServerError", 500)
    telling.hear(telling.breaks(upload, ago=HOUR))
    telling.telling.heals(operation)
    telling.telling.forget()
    telling.sweep()

    assert telling.audience.heard == (1, 1)
    assert telling.tags(upload) == upload.status("failed", BROKEN)


@pytest.mark.parametrize("operation", ["BatchGetBuilds", "GetObjectTagging", *PUBLISHED])
def test_a_failure_holds_up_no_recording(telling: Tellings, operation: str) -> None:
    upload = telling.upload()
    telling.telling.fails(operation, "InternalServerError", 500)
    telling.hear(telling.succeeds(upload))

    assert telling.value == uri(upload.tag)
    assert telling.printed.metrics == {"ImageRecorded": 1, "TellingFailed": 1}


def test_an_event_that_eventbridge_did_not_take_is_not_told(telling: Tellings) -> None:
    upload = telling.upload()
    telling.telling.answers("PutEvents", REFUSED)
    telling.hear(telling.breaks(upload))

    assert telling.audience.heard == (0, 0)
    assert telling.tags(upload) == {}
    assert telling.printed.metrics == {"NothingToRecord": 1, "TellingFailed": 1}
    (told,) = telling.printed.told("An upload wasn't told of: the next sweep does it")
    assert "InternalFailure" in told["exception"]


def test_then_the_next_sweep_publishes_it(telling: Tellings) -> None:
    upload = telling.upload()
    telling.telling.answers("PutEvents", REFUSED)
    telling.hear(telling.breaks(upload, ago=HOUR))
    telling.telling.heals("PutEvents")
    telling.sweep()

    assert telling.audience.heard == (1, 1)


def test_a_service_that_does_not_answer_is_a_failure(telling: Tellings) -> None:
    def time_out() -> None:
        raise ReadTimeoutError(endpoint_url="https://sns.us-east-1.amazonaws.com")

    telling.telling.before("Publish", time_out)
    telling.hear(telling.breaks(telling.upload()))

    assert telling.printed.metrics == {"NothingToRecord": 1, "TellingFailed": 1}


def test_a_status_that_s3_does_not_take_now_is_told_again(telling: Tellings) -> None:
    upload = telling.upload()
    telling.telling.fails("PutObjectTagging", "SlowDown", 503)
    telling.hear(telling.breaks(upload))
    assert telling.printed.metrics == {"NothingToRecord": 1, "StatusNotWritten": 1}
    telling.telling.heals("PutObjectTagging")
    telling.sweep()
    telling.sweep()

    assert telling.audience.heard == (2, 2)
    assert telling.tags(upload) == upload.status("failed", BROKEN)


def test_one_that_fails_does_not_hold_up_the_others(telling: Tellings) -> None:
    uploads = [telling.upload(key=f"{number}.zip") for number in range(3)]
    answers = iter([REFUSED, {"FailedEntryCount": 0, "Entries": [{}]}, {"FailedEntryCount": 0, "Entries": [{}]}])
    telling.telling.answers_one_by_one("PutEvents", answers)
    telling.hear(*(telling.breaks(upload) for upload in uploads))

    assert sorted(telling.tags(upload).get("build-status", "") for upload in uploads) == ["", "failed", "failed"]
    assert telling.printed.metrics == {"NothingToRecord": 1, "TellingFailed": 1}


def test_a_list_that_can_not_be_had_fails_only_the_sweep(telling: Tellings) -> None:
    upload = telling.upload()
    telling.telling.fails("ListBuildsForProject", "ThrottlingException", 400)
    telling.ring([telling.bell(telling.breaks(upload)), *telling.schedule])

    assert telling.audience.heard == (1, 1)
    assert telling.printed.metrics == {"NothingToRecord": 1, "TellingFailed": 1}


@pytest.mark.parametrize("operation", [*ASKED, *PUBLISHED, "PutObjectTagging", "ListBuildsForProject"])
def test_each_request_is_sent_once(telling: Tellings, operation: str) -> None:
    telling.breaks(telling.upload())
    attempts = telling.telling.without_service(operation)
    if operation in {"BatchGetBuilds", "ListBuildsForProject"}:
        telling.project.is_silent(operation)
    telling.sweep()

    assert attempts == [operation]


# The recording fails


@pytest.mark.parametrize("step", ["BatchGetImage", "PutImage", "PutParameter"])
def test_where_recording_fails_what_is_settled_is_told_and_the_invocation_fails(telling: Tellings, step: str) -> None:
    broken, built = telling.upload(key="broken.zip"), telling.upload(key="built.zip")
    build_ids = telling.breaks(broken), telling.succeeds(built)
    telling.wire.fails(step, "InternalServerError", 500)

    with pytest.raises(ClientError, match=step):
        telling.hear(*build_ids)
    assert telling.tags(broken) == broken.status("failed", BROKEN)
    assert telling.tags(built) == {}
    assert telling.audience.heard == (1, 1)
    assert telling.printed.metrics == {"RecordingFailed": 1}


def test_then_the_next_bell_records_and_tells_the_rest(telling: Tellings) -> None:
    upload = telling.upload()
    telling.wire.fails("PutParameter", "InternalServerError", 500)
    with pytest.raises(ClientError, match="PutParameter"):
        telling.hear(telling.succeeds(upload))
    telling.wire.heals("PutParameter")
    telling.sweep()

    assert telling.tags(upload) == upload.recorded(uri(upload.tag))
    assert telling.audience.heard == (1, 1)


@pytest.mark.parametrize("step", ["DescribeImages", "GetParameterHistory"])
def test_without_a_ledger_nothing_is_told(telling: Tellings, step: str) -> None:
    telling.wire.fails(step, "InternalServerError", 500)

    with pytest.raises(ClientError, match=step):
        telling.hear(telling.breaks(telling.upload()))
    assert telling.telling.operations == []


def test_where_both_fail_the_recordings_error_is_raised(telling: Tellings) -> None:
    telling.wire.fails("PutParameter", "InternalServerError", 500)
    telling.telling.fails("BatchGetBuilds", "ThrottlingException", 400)

    with pytest.raises(ClientError, match="PutParameter"):
        telling.hear(telling.succeeds(telling.upload()))
    assert telling.printed.metrics == {"RecordingFailed": 1, "TellingFailed": 1}


# The invocation ends halfway


@pytest.mark.parametrize("operation", ["BatchGetBuilds", "GetObjectTagging", "PutEvents"])
def test_what_is_recorded_and_not_told_when_the_function_is_killed_is_told_by_the_sweep(
    telling: Tellings, operation: str
) -> None:
    upload = telling.upload()
    deaths: Iterator[BaseException] = iter([KilledError()])

    def die() -> None:
        for death in deaths:
            raise death

    telling.telling.before(operation, die)
    with pytest.raises(KilledError):
        telling.hear(telling.succeeds(upload))
    assert telling.value == uri(upload.tag)
    assert telling.tags(upload) == {}
    telling.sweep()

    assert len(telling.versions()) == 1
    assert telling.audience.heard == (1, 1)
    assert telling.tags(upload) == upload.recorded(uri(upload.tag))


# Too little time is left


def test_with_15_seconds_left_one_more_is_told(telling: Tellings) -> None:
    telling.left = iter([15_000, 14_999]).__next__
    telling.hear(*(telling.breaks(telling.upload(key=f"{number}.zip")) for number in range(3)))

    assert telling.audience.heard == (1, 1)
    assert len(telling.printed.told("No time is left: the next sweep tells the rest")) == 1
    assert telling.printed.metrics == {"NothingToRecord": 1}


def test_with_less_nothing_more_is_begun(telling: Tellings) -> None:
    telling.left = lambda: 14_999
    telling.breaks(telling.upload())
    telling.sweep()

    assert telling.telling.operations == ["ListBuildsForProject", "BatchGetBuilds"]


def test_the_next_sweep_tells_the_rest(telling: Tellings) -> None:
    uploads = [telling.upload(key=f"{number}.zip") for number in range(3)]
    telling.left = iter([15_000, 14_999]).__next__
    telling.hear(*(telling.breaks(upload) for upload in uploads))
    telling.left = lambda: 29_000
    telling.sweep()

    assert telling.audience.heard == (3, 3)
    assert {telling.tags(upload)["build-status"] for upload in uploads} == {"failed"}
