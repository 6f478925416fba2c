"""When RecordImage says what became of an upload, and when it has a build started again: the policy, as times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core import reasons

# Since a build ended:
SCHEDULE = timedelta(minutes=15)
"""How often a resync comes: it notifies what was missed and starts builds again."""
LOG_IS_LATE = timedelta(minutes=5)
"""So long a log that gives no reason may still do so."""
FRESH = LOG_IS_LATE + SCHEDULE
"""So long an end is notified though no status can be written. Later ones might have been notified before."""
RECENT = timedelta(days=1)
"""A resync begins with the builds that ended so recently, the newest first."""
LOOK_BACK = timedelta(days=14)
"""A resync goes back so far: no message survives longer in any queue."""

# Since the first build of an upload that fails through nobody's fault:
BUILT_AGAIN_FOR = timedelta(hours=5)
"""So long after the first build began to run there is another one: as long as the upload queue is patient. Time that
later builds spend in CodeBuild's queue doesn't count."""
BUILT_AGAIN_AT_MOST = timedelta(days=1)
"""So long after the first build was submitted there is another one, however long they waited."""
SAME_STORY = timedelta(days=2)
"""Builds that were submitted longer ago don't count. A build is queued and runs for 16 hours at most, so of a
story that has reached its end, some build is always in view."""

UNKNOWN_AT_MOST = 3
"""So many builds an upload gets if the builder can't explain why the image doesn't start."""

STEP = 100


@dataclass(frozen=True)
class Attempt:
    """One build of an upload: when it was submitted, and when it began to run, which is None while it is queued."""

    submitted: datetime
    began: datetime | None

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> "Attempt":
        """The attempt that a build was. One that ended before it ran has begun at its end.

        CodeBuild's `startTime` is that of the phase SUBMITTED, before the queue:
        https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html
        """
        dequeued = [each.get("endTime") for each in answer.get("phases", []) if each["phaseType"] == "QUEUED"]
        return cls(answer["startTime"], next(iter(dequeued), None) or answer.get("endTime"))


def is_built_again(code: str) -> bool:
    """Whether a build that failed with this code may be followed by another build of its upload."""
    return code in reasons.FAULTS or code in reasons.UNKNOWN


def is_last(code: str, attempts: Sequence[Attempt], now: datetime) -> bool:
    """Whether a build that failed with this code, the newest of these attempts, was the last one of its upload."""
    if not is_built_again(code) or is_given_up(attempts, now):
        return True
    return code in reasons.UNKNOWN and len(attempts) >= UNKNOWN_AT_MOST


def is_given_up(attempts: Sequence[Attempt], now: datetime) -> bool:
    """Whether an upload whose builds fail through nobody's fault has had all the time that it gets."""
    begun = sorted((each.began, each.submitted) for each in attempts if each.began)
    if not begun:
        return False
    (began, _), *later = begun
    queued = sum((each_began - submitted for each_began, submitted in later), timedelta())
    submitted = min(each.submitted for each in attempts)
    return now - began - queued >= BUILT_AGAIN_FOR or now - submitted >= BUILT_AGAIN_AT_MOST


def in_turn(builds: Sequence[Any], now: datetime) -> list[Any]:
    """The builds, rotated by 100 more with each schedule, so that every one eventually comes first."""
    if not builds:
        return []
    start = int(now.timestamp() // SCHEDULE.total_seconds()) * STEP % len(builds)
    return [*builds[start:], *builds[:start]]
