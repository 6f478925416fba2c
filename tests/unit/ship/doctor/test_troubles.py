"""What still fails, by the records of the functions' logs."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ship.doctor.function_logs import KILLED, MAILED, Record
from ship.doctor.troubles import ENDS, FAILURES, RETRIED_WITHIN, Trouble, troubles

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
USER = "arn:aws:sts::123456789012:assumed-role/a-role/a-session"
FUNCTIONS = Path(__file__).parents[4] / "functions"
UPLOAD = {"key": "a key.zip", "version_id": "v1"}
FAILED, UNNOTIFIED = "The message goes back to the queue", "An upload wasn't notified: the next resync does it"
UNRECORDED = "Recording failed: the triggers come again"
UNMAILED, UNWRITTEN = "The mail can't be sent", "The status can't be written"


def record(minutes: float, message: str, level: str = "INFO", run: str = "", **more: Any) -> Record:
    """A record of so many minutes ago, of a run of its own unless it is named."""
    at = NOW - timedelta(minutes=minutes)
    data = {"level": level, "message": message, "function_request_id": run or f"run {minutes}", **more}
    found = Record.from_event(int(at.timestamp() * 1000), json.dumps(data))
    assert found
    return found


def error(minutes: float, message: str, said: str, run: str = "", **more: Any) -> Record:
    """An error with its exception, as Powertools prints it."""
    trace = {"type": "ClientError", "value": said, "module": "botocore.exceptions", "frames": []}
    more = {"exception": f"Traceback\n  x\n{said}", "exception_name": "ClientError", "stack_trace": trace, **more}
    return record(minutes, message, "ERROR", run, **more)


def refusal(operation: str, action: str) -> str:
    """AWS's answer where a permission is missing."""
    return (
        f"An error occurred (AccessDeniedException) when calling the {operation} operation: User: {USER} is not "
        f"authorized to perform: {action} on resource: * because no identity-based policy allows the {action} action"
    )


def actions(found: list[Trouble]) -> list[str]:
    """The permissions that are missing."""
    return [trouble.missing.action for trouble in found if trouble.missing]


PUT, PUBLISH = refusal("PutParameter", "ssm:PutParameter"), refusal("Publish", "sns:Publish")


# What counts


def test_an_error_counts_with_its_cause() -> None:
    (found,) = troubles([error(5, UNRECORDED, PUT)], NOW)

    assert actions([found]) == ["ssm:PutParameter"]
    assert found.last.at == NOW - timedelta(minutes=5)


def test_a_warning_counts_if_it_names_a_permission() -> None:
    assert actions(troubles([record(5, UNMAILED, "WARNING", cause=PUBLISH)], NOW)) == ["sns:Publish"]
    assert troubles([record(5, "The version is gone", "WARNING", cause="An error occurred (NoSuchKey)")], NOW) == []


def test_the_same_cause_is_one_trouble() -> None:
    throttled = "An error occurred (ThrottlingException) when calling the PutParameter operation: request {}"
    records = [
        error(9, UNRECORDED, PUT),
        error(6, UNRECORDED, PUT),
        *(error(n, UNRECORDED, throttled.format(n)) for n in (5, 4)),
    ]

    assert [len(each.records) for each in troubles(records, NOW)] == [2, 2]


@pytest.mark.parametrize(
    "line", ["START RequestId: 1", "[]", "7", '{"_aws": {}, "NeedsAttention": [1.0]}', "{", '{"level": "x"}']
)
def test_what_is_no_record_is_left_out(line: str) -> None:
    assert Record.from_event(0, line) is None


@pytest.mark.parametrize("status", ["timeout", "failure", "error"])
def test_an_invocation_that_lambda_ended_counts_unless_an_error_explains_it(status: str) -> None:
    ended = Record.from_event(
        int(NOW.timestamp() * 1000),
        json.dumps({"type": "platform.report", "record": {"requestId": "run", "status": status, "metrics": {}}}),
    )

    assert ended
    assert [each.last.cause for each in troubles([ended], NOW)] == [status]
    assert actions(troubles([error(1, UNRECORDED, PUT, "run"), ended], NOW)) == ["ssm:PutParameter"]


def test_an_invocation_that_ended_well_says_nothing() -> None:
    line = json.dumps({"type": "platform.report", "record": {"requestId": "run", "status": "success"}})

    assert Record.from_event(0, line) is None


# What is over


@pytest.mark.parametrize(
    ("failure", "shown"),
    [
        (error(5, FAILED, PUT, **UPLOAD), record(2, "BuildStarted", **UPLOAD)),
        (error(5, FAILED, PUT, **UPLOAD), record(2, "UploadDoneBefore", **UPLOAD)),
        (error(5, UNRECORDED, PUT), record(2, "Decided")),
        (error(5, UNNOTIFIED, PUT, build_id="b"), record(2, "Notified", build_id="b", status="failed")),
        (error(5, UNNOTIFIED, PUT), record(2, "Notified", build_id="b", status="recorded")),
        (record(5, UNMAILED, "WARNING", cause=PUBLISH), record(2, "Notified", status="recorded")),
        (record(5, UNWRITTEN, "WARNING", cause=PUT, **UPLOAD), record(2, "BuildStarted", key="b", version_id="v2")),
    ],
)
def test_what_works_again_is_over(failure: Record, shown: Record) -> None:
    assert troubles([failure], NOW) != []
    assert troubles([failure, shown], NOW) == []
    assert troubles([shown, failure], NOW) != []  # in this order it shows nothing


@pytest.mark.parametrize(
    ("failure", "shown"),
    [
        (error(5, FAILED, PUT, **UPLOAD), record(2, "BuildStarted", key="another.zip", version_id="v2")),
        (error(5, FAILED, PUT, **UPLOAD), record(2, "The version takes no status", **UPLOAD)),
        (error(5, UNNOTIFIED, PUT, build_id="b"), record(2, "Notified", build_id="another", status="recorded")),
        (error(5, UNNOTIFIED, PUT), record(2, "Decided")),
        (error(5, UNRECORDED, PUT, run="same"), record(2, "Decided", run="same")),
        (record(5, UNMAILED, "WARNING", cause=PUBLISH), record(2, "Notified", status="superseded")),
        (record(5, UNMAILED, "WARNING", run="same", cause=PUBLISH), record(2, "Notified", run="same", status="failed")),
    ],
)
def test_what_shows_something_else_ends_nothing(failure: Record, shown: Record) -> None:
    assert troubles([failure, shown], NOW) != []


def test_a_run_that_fails_again_shows_nothing() -> None:
    records = [
        error(5, UNRECORDED, PUT),
        record(2, "Decided", run="second"),
        error(2, UNRECORDED, PUT, run="second"),
    ]

    (found,) = troubles(records, NOW)
    assert len(found.records) == 2


@pytest.mark.parametrize("message", [FAILED, UNRECORDED, UNNOTIFIED, "Something new"])
def test_what_is_retried_and_hasn_t_failed_again_in_its_time_is_over(message: str) -> None:
    minutes = RETRIED_WITHIN.seconds / 60

    assert troubles([error(minutes, message, PUT)], NOW) != []
    assert troubles([error(minutes + 1, message, PUT)], NOW) == []


@pytest.mark.parametrize("message", [UNMAILED, UNWRITTEN])
def test_what_nobody_retries_stays(message: str) -> None:
    assert troubles([record(200, message, "WARNING", cause=PUBLISH)], NOW) != []


# What the functions log


@pytest.mark.parametrize(
    "message",
    sorted(
        {each.logged for each in FAILURES}.union(*(each.works for each in FAILURES))
        - ENDS  # the core makes these, as for the functions
        - {KILLED, MAILED}
    ),
)
def test_the_functions_log_these_words(message: str) -> None:
    sources = [path.read_text() for path in FUNCTIONS.rglob("*.py")]

    assert any(f'"{message}"' in source for source in sources)
