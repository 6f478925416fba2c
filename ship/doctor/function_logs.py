"""What the functions' logs say: what failed lately, and what of that works again."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ship.doctor.permissions import MissingPermission, missing_permission

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient

LOOK_BACK = timedelta(hours=5)
"""An upload waits as long before it is given up."""
RETRIED_WITHIN = timedelta(minutes=20)
"""The schedule's 15 minutes and some: what fails and is retried has failed again by then."""
KILLED = "Lambda ended the invocation"
ANSWER = re.compile(r"An error occurred \(\w+\) when calling the \w+ operation")


@dataclass(frozen=True)
class Failure:
    """What a function logs when something fails, and what it logs when the same works again."""

    logged: str
    works: frozenset[str]
    of_same_upload: bool = False
    is_retried: bool = True

    def is_over(self, record: "Record", later: Sequence["Record"], now: datetime) -> bool:
        """Whether what failed works again: a later run shows it, or it was due again and didn't fail again."""
        if self.is_retried and now - record.at > RETRIED_WITHIN:
            return True
        failed_again = {each.run for each in later if each.message == self.logged}
        return any(
            each.shows & self.works
            and each.run not in failed_again | {record.run}
            and (not (self.of_same_upload and record.upload) or each.upload == record.upload)
            for each in later
        )


OUTCOMES = frozenset({"BuildStarted", "UploadDoneBefore", "UploadRejected", "UploadSuperseded", "FolderIgnored"})
PUBLISHED, MAILED = "Notified", "Notified by email as well"
FAILURES = (
    Failure("The message goes back to the queue", OUTCOMES, of_same_upload=True),
    Failure("Recording failed: the triggers come again", frozenset({"Decided"})),
    Failure("An upload wasn't notified: the next resync does it", frozenset({PUBLISHED}), of_same_upload=True),
    Failure("No status can be written", frozenset({PUBLISHED})),
    Failure("The status can't be written", frozenset({PUBLISHED, "BuildStarted"}), is_retried=False),
    Failure("The mail can't be sent", frozenset({MAILED}), is_retried=False),
    Failure(KILLED, frozenset()),
)


@dataclass(frozen=True)
class Record:
    """One record of a function's log. `run` names the invocation, `upload` the upload that it is about."""

    at: datetime
    level: str
    message: str
    run: str
    upload: str = ""
    cause: str = ""
    version: tuple[str, str] | None = None
    is_mailed: bool = False

    @property
    def shows(self) -> frozenset[str]:
        """What the record proves to work: its message, and the email that some events come with."""
        return frozenset({self.message, MAILED} if self.is_mailed else {self.message})

    @property
    def counts(self) -> bool:
        """Whether it reports a failure: an error, or a warning that names a missing permission."""
        return self.level in {"ERROR", "CRITICAL"} or (
            self.level == "WARNING" and missing_permission(self.cause) is not None
        )

    @classmethod
    def from_event(cls, timestamp: int, message: str) -> "Record | None":
        """The record in a log event; None for what isn't one, such as a line of metrics.

        Powertools prints one JSON object a line, Lambda another for an invocation's end:
        https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-report
        """
        try:
            data = json.loads(message)
        except ValueError:
            return None
        if not isinstance(data, dict):
            return None
        at = datetime.fromtimestamp(timestamp / 1000, UTC)
        if data.get("type") == "platform.report":
            ended = data.get("record", {})
            status = ended.get("status", "success")
            level = "INFO" if status == "success" else "ERROR"
            return cls(at, level, KILLED, ended.get("requestId", ""), cause=status) if level == "ERROR" else None
        if not {"level", "message"} <= data.keys():
            return None
        return cls(
            at,
            data["level"],
            str(data["message"]),
            data.get("function_request_id", ""),
            upload_in(data),
            cause_in(data),
            (data["key"], data["version_id"]) if {"key", "version_id"} <= data.keys() else None,
            data["message"] == PUBLISHED and data.get("status") != "superseded",
        )


def upload_in(data: dict[str, Any]) -> str:
    """The name of the record's upload: StartBuild logs its version, RecordImage its build."""
    if build := data.get("build_id"):
        return str(build)
    return f"{data['key']} {data['version_id']}" if {"key", "version_id"} <= data.keys() else ""


def cause_in(data: dict[str, Any]) -> str:
    """Why something failed, as the record says."""
    trace = data.get("stack_trace")
    return str(data.get("cause") or (trace.get("value", "") if isinstance(trace, dict) else ""))


@dataclass(frozen=True)
class Trouble:
    """What still fails for one cause: the records that say so, the oldest first."""

    missing: MissingPermission | None
    records: tuple[Record, ...]

    @property
    def last(self) -> Record:
        """The newest of them."""
        return self.records[-1]


def troubles(records: Sequence[Record], now: datetime) -> list[Trouble]:
    """What still fails, by cause.

    Errors count, and warnings that name a missing permission. Where a run was ended with an error of ours in its log,
    that error speaks for it.
    """
    known = {each.logged: each for each in FAILURES}
    explained = {each.run for each in records if each.level == "ERROR" and each.message != KILLED}
    still: dict[str, list[Record]] = {}
    for number, record in enumerate(records):
        if not record.counts or (record.message == KILLED and record.run in explained):
            continue
        failure = known.get(record.message, Failure(record.message, frozenset()))
        if not failure.is_over(record, records[number + 1 :], now):
            still.setdefault(cause_of(record), []).append(record)
    return [Trouble(missing_permission(found[0].cause), tuple(found)) for found in still.values()]


def cause_of(record: Record) -> str:
    """The facts by which two records report the same trouble."""
    missing = missing_permission(record.cause)
    if missing:
        return f"{missing.role} {missing.action}"
    answer = ANSWER.search(record.cause)  # the rest of AWS's words differs from request to request
    return f"{record.message} {answer[0] if answer else record.cause}"


def read(client: "CloudWatchLogsClient", group: str, since: datetime) -> list[Record]:
    """The records of a function's log since a moment, the oldest first."""
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        startTime=int(since.timestamp() * 1000),
        filterPattern='{ ($.level = "*") || ($.type = "platform.report") }',
    )
    events = (event for page in pages for event in page["events"])
    return in_order(Record.from_event(each["timestamp"], each["message"]) for each in events)


def in_order(records: Iterable[Record | None]) -> list[Record]:
    """The records, the oldest first; CloudWatch Logs keeps the order of those of one moment."""
    return sorted((each for each in records if each), key=lambda record: record.at)
