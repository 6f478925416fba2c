"""The triggers of RecordImage: the end of a build, a change of a parameter, the schedule."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Triggers:
    """A batch of triggers: the builds that ended, and whether the schedule and a record of auto-deploy are in it."""

    build_ids: tuple[str, ...]
    schedule: bool
    deployment: bool = False

    @classmethod
    def from_queue(cls, event: Mapping[str, Any], deployment_parameter: str) -> "Triggers":
        """The triggers in a batch from the queue. Any other message also triggers, but names no build.

        `deployment_parameter` is the one with auto-deploy's records. A build's event names it by its ARN:
        https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html
        """
        build_ids, schedule, deployment = [], False, False
        for record in event.get("Records", []):
            match parsed(record["body"]):
                case {"source": "aws.codebuild", "detail": {"build-id": str(arn)}}:
                    build_ids.append(arn.rpartition("build/")[2])
                case {"source": "aws.events"}:
                    schedule = True
                case {"source": "aws.ssm", "detail": {"name": name}} if name == deployment_parameter:
                    deployment = True
        return cls(tuple(dict.fromkeys(build_ids)), schedule, deployment)


def parsed(body: str) -> Any:
    """The message's JSON; None if it isn't JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return None
