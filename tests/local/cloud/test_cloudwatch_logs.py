"""Filter patterns in the local cloud's CloudWatch Logs."""

import json
import time

import pytest
from botocore.exceptions import ClientError

from local.pipeline import Pipeline

MESSAGES = [
    json.dumps({"level": "ERROR", "message": "failed"}),
    json.dumps({"level": "INFO", "message": "an ERROR that isn't one"}),
    json.dumps({"type": "platform.report", "record": {"status": "timeout"}}),
    json.dumps({"level": 7}),
    json.dumps(["ERROR"]),
    "ERROR of another kind",
]


@pytest.fixture
def group(cloud: Pipeline, unique: str) -> str:
    """A log with these messages, one after the other."""
    cloud.logs.create_log_group(logGroupName=unique)
    cloud.logs.create_log_stream(logGroupName=unique, logStreamName="stream")
    now = int(time.time() * 1000)
    events = [{"timestamp": now + number, "message": message} for number, message in enumerate(MESSAGES)]
    cloud.logs.put_log_events(logGroupName=unique, logStreamName="stream", logEvents=events)  # type: ignore[arg-type]
    return unique


@pytest.mark.parametrize(
    ("pattern", "numbers"),
    [
        ('{ $.level = "ERROR" }', [0]),
        ('{ ($.level = "ERROR") || ($.level = "INFO") }', [0, 1]),
        ('{ ($.level = "*") || ($.type = "platform.*") }', [0, 1, 2]),
        ('{ $.record.status = "timeout" }', [2]),
        ('{ $.level.of = "ERROR" }', []),
        ("ERROR", [0, 1, 4, 5]),
        ("?platform ?another", [2, 5]),
        ("", [0, 1, 2, 3, 4, 5]),
    ],
)
def test_a_pattern_lets_these_messages_through(cloud: Pipeline, group: str, pattern: str, numbers: list[int]) -> None:
    found = cloud.logs.filter_log_events(logGroupName=group, filterPattern=pattern)["events"]

    assert [MESSAGES.index(each["message"]) for each in found] == numbers


@pytest.mark.parametrize("pattern", ['{ $.level != "INFO" }', "?platform another", '?"an ERROR"', "?a.b"])
def test_a_pattern_that_is_not_honored_is_refused(cloud: Pipeline, group: str, pattern: str) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.logs.filter_log_events(logGroupName=group, filterPattern=pattern)

    assert refused.value.response["Error"]["Code"] == "InvalidParameterException"
