"""When RecordImage reports an upload's end, and when it starts a build again: the policy, as named times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core import reasons

# Since a build ended:
SCHEDULE = timedelta(minutes=15)
"""How often a resync comes. It reports the ends that were missed and starts builds again."""
LOG_IS_LATE = timedelta(minutes=5)
"""How long we wait for a failed build's log to show the reason."""
FRESH = LOG_IS_LATE + SCHEDULE
"""How long an end is reported even if its upload can't carry a status: later, nothing shows whether it was reported."""
RECENT = timedelta(days=1)
"""A resync begins with the builds that ended this recently, the newest first."""
LOOK_BACK = timedelta(days=14)
"""How far back a resync goes: no queue keeps a message for longer."""

# Since the first build of an upload that fails through nobody's fault:
BUILT_AGAIN_FOR = timedelta(hours=5)
"""How long after the first build began to run another one is started: as long as the upload queue retries an upload.
Time that later builds spend in CodeBuild's queue doesn't count."""
BUILT_AGAIN_AT_MOST = timedelta(days=1)
"""The longest time after the first build was submitted, however long builds were queued."""
SAME_STORY = timedelta(days=2)
"""Builds submitted longer ago don't count. CodeBuild queues and runs a build for 16 hours at most, so one build of an
upload that we just gave up still counts at the next resync."""

UNKNOWN_AT_MOST = 3
"""How many builds an upload gets if the builder can't explain why its image doesn't start."""

STEP = 100
"""How many builds further on each resync begins."""


@dataclass(frozen=True)
class Attempt:
    """One build of an upload: when it was submitted, and when it began to run, which is None while it is queued."""

    submitted: datetime
    began: datetime | None

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> "Attempt":
        """The attempt in CodeBuild's answer. A build that ended in the queue began at its end.

        CodeBuild's `startTime` is that of the phase SUBMITTED, before the queue:
        https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html
        """
        dequeued = [each.get("endTime") for each in answer.get("phases", []) if each["phaseType"] == "QUEUED"]
        return cls(answer["startTime"], next(iter(dequeued), None) or answer.get("endTime"))


def is_built_again(code: str) -> bool:
    """Whether a build that failed with this code may be followed by another build of its upload."""
    return code in reasons.FAULTS or code in reasons.UNKNOWN


def is_last(code: str, attempts: Sequence[Attempt], now: datetime) -> bool:
    """Whether the newest of these attempts, which failed with this code, was its upload's last."""
    if not is_built_again(code) or is_given_up(attempts, now):
        return True
    return code in reasons.UNKNOWN and len(attempts) >= UNKNOWN_AT_MOST


def is_given_up(attempts: Sequence[Attempt], now: datetime) -> bool:
    """Whether an upload whose builds fail through nobody's fault gets no further build."""
    begun = sorted((each.began, each.submitted) for each in attempts if each.began)
    if not begun:
        return False
    (began, _), *later = begun
    queued = sum((each_began - submitted for each_began, submitted in later), timedelta())
    submitted = min(each.submitted for each in attempts)
    return now - began - queued >= BUILT_AGAIN_FOR or now - submitted >= BUILT_AGAIN_AT_MOST


def in_turn(builds: Sequence[Any], now: datetime) -> list[Any]:
    """The builds, rotated by another 100 each time: resyncs that get through 100 builds reach all of them."""
    if not builds:
        return []
    start = int(now.timestamp() // SCHEDULE.total_seconds()) * STEP % len(builds)
    return [*builds[start:], *builds[:start]]
