"""The records of the functions' logs."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ship.doctor.permissions import missing_permission

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient

KILLED = "Lambda ended the invocation"
PUBLISHED, MAILED = "Notified", "Notified by email as well"


@dataclass(frozen=True)
class Record:
    """One record of a function's log. `run` is the invocation's id, `upload` names the upload that it is about."""

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
        """The steps that this record proves to work: its message, and the email if its event comes with one."""
        return frozenset({self.message, MAILED} if self.is_mailed else {self.message})

    @property
    def counts(self) -> bool:
        """Whether it reports a failure: an error, or a warning that names a missing permission."""
        return self.level in {"ERROR", "CRITICAL"} or (
            self.level == "WARNING" and missing_permission(self.cause) is not None
        )

    @classmethod
    def from_event(cls, timestamp: int, message: str) -> "Record | None":
        """The record in a log event. None for other lines, such as metrics.

        Powertools prints one JSON object per line, Lambda another at the end of an invocation:
        https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-report
        """
        try:
            data = json.loads(message)
        except ValueError:
            return None
        if not isinstance(data, dict):
            return None
        at = datetime.fromtimestamp(timestamp / 1000, UTC)
        # assumes: ended-invocation-report
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
    """The cause of a failure that the record names."""
    trace = data.get("stack_trace")
    return str(data.get("cause") or (trace.get("value", "") if isinstance(trace, dict) else ""))


def read(client: "CloudWatchLogsClient", group: str, since: datetime) -> list[Record]:
    """The records in a function's log since this time, the oldest first."""
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        startTime=int(since.timestamp() * 1000),
        filterPattern='{ ($.level = "*") || ($.type = "platform.report") }',
    )
    events = (event for page in pages for event in page["events"])
    return in_order(Record.from_event(each["timestamp"], each["message"]) for each in events)


def in_order(records: Iterable[Record | None]) -> list[Record]:
    """The records, the oldest first. Those of the same millisecond keep CloudWatch Logs' order."""
    return sorted((each for each in records if each), key=lambda record: record.at)
