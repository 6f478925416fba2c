"""How Lambda runs a function: its variables, its context, and its standard output, which is log and metrics."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from tests.support.stack import Stack, event

OWN = event("object-created")["detail"]["bucket"]["name"]


@dataclass(frozen=True)
class Context:
    """As much of Lambda's context as the functions use."""

    aws_request_id: str
    get_remaining_time_in_millis: Callable[[], int]
    function_name: str = "source-to-ecr-function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:source-to-ecr-function"


def context(
    request_id: str = "6f1d2c84-0a7b-5e39-9b4d-c2e85f7a1036", left: Callable[[], int] = lambda: 29_000
) -> LambdaContext:
    """The context of one invocation; `left` gives the milliseconds that are left of it."""
    return cast("LambdaContext", Context(request_id, left))


@cache
def deployed() -> Stack:
    """The template by default, with the physical names of what the functions work with."""
    symbols = Stack.from_file()
    repository = symbols.properties("Repository")["RepositoryName"]
    uri = f"{symbols.names['AWS::AccountId']}.dkr.ecr.{symbols.names['AWS::Region']}.amazonaws.com/{repository}"
    return symbols.named(
        **{
            "SourceBucket": OWN,
            "ImageBuild": symbols.properties("ImageBuild")["Name"],
            "Repository": repository,
            "Repository.RepositoryUri": uri,
            "NewsTopic": "arn:aws:sns:us-east-1:123456789012:source-to-ecr-NewsTopic-x1",
        }
    )


def variables(stack: Stack, function: str) -> dict[str, str]:
    """The environment that the template gives to a function, and nothing more."""
    found: dict[str, str] = stack.function(function)["Environment"]["Variables"]
    return found


class Stdout:
    """Standard output, whatever it is at the time: pytest has another for each phase of a test."""

    def write(self, text: str) -> None:
        """Writes there."""
        sys.stdout.write(text)

    def flush(self) -> None:
        """Has it written."""
        sys.stdout.flush()


class Printed:
    """What a function has printed: lines of JSON, each a log entry or metrics in CloudWatch's embedded format."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Reads what the test prints from now on."""
        self._capsys, self._text = capsys, ""

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Each line, as the JSON that it must be."""
        self._text += self._capsys.readouterr().out
        return [json.loads(line) for line in self._text.split("\n") if line]

    @property
    def metrics(self) -> dict[str, float]:
        """How often each outcome was counted, without the alarms' own metrics."""
        return {name: value for name, value in self._sums().items() if name not in {"NeedsAttention", "NeedsRepair"}}

    @property
    def seconds(self) -> dict[str, list[float]]:
        """The values of each metric of a duration."""
        found: dict[str, list[float]] = {}
        for metric, line in self._sent():
            if metric["Unit"] == "Seconds":
                found.setdefault(metric["Name"], []).extend(line[metric["Name"]])
        return found

    @property
    def attention(self) -> float:
        """How often somebody's attention was asked for."""
        return self._sums()["NeedsAttention"]

    @property
    def repair(self) -> float:
        """How often a repair was asked for."""
        return self._sums()["NeedsRepair"]

    def _sums(self) -> Counter[str]:
        sums: Counter[str] = Counter()
        for metric, line in self._sent():
            if metric["Unit"] == "Count":
                sums[metric["Name"]] += sum(line[metric["Name"]])
        return sums

    def _sent(self) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
        """Each metric that was sent, with the line that has its values."""
        for line in self.lines:
            for sent in line.get("_aws", {}).get("CloudWatchMetrics", []):
                yield from ((metric, line) for metric in sent["Metrics"])

    @property
    def log(self) -> list[dict[str, Any]]:
        """The log's entries."""
        return [line for line in self.lines if "_aws" not in line]

    def entries(self, message: str) -> list[dict[str, Any]]:
        """The log's entries of one message."""
        return [entry for entry in self.log if entry["message"] == message]
