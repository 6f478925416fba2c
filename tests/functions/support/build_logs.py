"""The builds' logs, as CodeBuild writes them to CloudWatch: one stream a build."""

import time
from functools import cache
from typing import TYPE_CHECKING

import boto3

from tests.functions.support.project import build_event

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient

GROUP: str = build_event("FAILED")["detail"]["additional-information"]["logs"]["group-name"]


@cache
def logs() -> "CloudWatchLogsClient":
    """The tests' own client."""
    return boto3.client("logs")


class Logs:
    """The log group."""

    def __init__(self) -> None:
        """Makes it, without streams."""
        logs().create_log_group(logGroupName=GROUP)
        self._written = 0

    def write(self, build_id: str, *messages: str) -> None:
        """Adds messages to a build's log, which comes into being with them."""
        stream = build_id.partition(":")[2]
        if not logs().describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=stream)["logStreams"]:
            logs().create_log_stream(logGroupName=GROUP, logStreamName=stream)
        now = int(time.time() * 1000)
        for message in messages:
            self._written += 1
            logs().put_log_events(
                logGroupName=GROUP,
                logStreamName=stream,
                logEvents=[{"timestamp": now + self._written, "message": f"{message}\n"}],
            )
