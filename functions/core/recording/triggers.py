"""The triggers of RecordImage: the end of a build, a change of the parameter, the schedule."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Triggers:
    """A batch of triggers: the builds that ended, and whether the schedule is among them."""

    build_ids: tuple[str, ...]
    schedule: bool

    @classmethod
    def from_queue(cls, event: Mapping[str, Any]) -> "Triggers":
        """The triggers in a batch from the queue. Any other message also triggers, but names no build.

        A build's event names it by its ARN:
        https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html
        """
        build_ids, schedule = [], False
        for record in event.get("Records", []):
            match parsed(record["body"]):
                case {"source": "aws.codebuild", "detail": {"build-id": str(arn)}}:
                    build_ids.append(arn.rpartition("build/")[2])
                case {"source": "aws.events"}:
                    schedule = True
        return cls(tuple(dict.fromkeys(build_ids)), schedule)


def parsed(body: str) -> Any:
    """The message's JSON; None if it isn't JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return None
