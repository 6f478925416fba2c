"""Decides what to do for an upload whose build has ended: named times, and a pure function of facts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from core import reasons
from core.builds import Build
from core.notifying import statuses
from core.notifying.statuses import Status
from core.reasons import Reason

# Since a build ended:
SCHEDULE = timedelta(minutes=15)
"""How often a resync comes. It reports the ends that were missed and starts builds again."""
# assumes: build-log-silence
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
        # assumes: build-start-time
        dequeued = [each.get("endTime") for each in answer.get("phases", []) if each["phaseType"] == "QUEUED"]
        return cls(answer["startTime"], next(iter(dequeued), None) or answer.get("endTime"))


Fact = Literal["tags", "is_writable", "exists_now", "logged", "attempts"]


@dataclass(frozen=True)
class Facts:
    """The facts about an upload whose newest build has ended. `known` names the facts that were gathered.

    `exists`: the repository had the build tag when it was listed. `recorded` has the URI recorded under each tag.
    `is_fresh`: the end is reported even if no status can be written. `is_blocked`: recording failed. `tags` are the
    version's, None if it is gone; `logged` is the reason in the build's log; `attempts` are the upload's builds.
    `deployed` is the status by the image's deployment, None if it isn't decided; `is_deployment_fresh` says of it what
    `is_fresh` says of the end, `is_failure_again` that a later deployment of the image failed, too.
    """

    build: Build
    exists: bool
    recorded: Mapping[str, str]
    is_blocked: bool
    is_fresh: bool
    is_resync: bool
    known: frozenset[Fact] = frozenset()
    tags: dict[str, str] | None = None
    is_writable: bool = False
    exists_now: bool = False
    logged: Reason | None = None
    attempts: Sequence[Attempt] = ()
    deployed: Status | None = None
    is_deployment_fresh: bool = False
    is_failure_again: bool = False


@dataclass(frozen=True)
class Ask:
    """One more fact is needed, which costs a request."""

    fact: Fact


@dataclass(frozen=True)
class Publish:
    """The upload has this end, which is news."""

    status: Status


@dataclass(frozen=True)
class Wait:
    """The upload waits. `status` is None where the version is gone or has an end already."""

    status: Status | None


@dataclass(frozen=True)
class StartAgain:
    """So many builds failed, perhaps through nobody's fault. Another one is started, for which the upload waits."""

    reason: Reason
    builds: int
    status: Status | None


@dataclass(frozen=True)
class GiveUp:
    """So many builds failed, and no other one is started. `status` is None where nothing would remember the end."""

    reason: Reason
    builds: int
    status: Status | None


Due = Ask | Publish | Wait | StartAgain | GiveUp


def decide(facts: Facts, now: datetime) -> Due | None:
    """The next step, or the fact that the decision still needs; None if there is nothing to do."""
    build, tags = facts.build, facts.tags
    end = statuses.outcome(build, exists=facts.exists, recorded=facts.recorded)
    if end is None and not facts.is_blocked:
        return None
    if "tags" not in facts.known:
        return Ask("tags")
    if end is None:
        return Wait(waiting(facts, reasons.NOT_RECORDED))
    before = statuses.read(tags or {}, build.version)
    if end.name == "recorded" and facts.deployed and is_deployed(facts, before):
        return of_deployment(facts, facts.deployed, before)
    if not statuses.may_follow(end.name, before):
        return None
    if not facts.is_fresh and tags is not None and "is_writable" not in facts.known:
        return Ask("is_writable")
    is_reported = facts.is_fresh or (facts.is_writable and tags is not None)
    is_retried = tags is not None and not build.had_ended(now - BUILT_AGAIN_FOR)
    due: Due | None = Publish(end)
    if end.name == "failed" and (is_reported or is_retried):
        due = of_failure(facts, end, now)
    match due:
        case Publish() if not is_reported:
            return None
        case GiveUp() if not is_reported:
            return replace(due, status=None)
    return due


def is_deployed(facts: Facts, before: Status | None) -> bool:
    """Whether the deployment decides now. First it is reported that the upload is recorded, if a status can show it."""
    return before.name in {"recorded", *statuses.DEPLOYED} if before else facts.is_deployment_fresh


def of_deployment(facts: Facts, end: Status, before: Status | None) -> Due | None:
    """Decides for a recorded upload whose deployment has this result."""
    if before and before.name == end.name:
        is_same = (before.reason or "") == statuses.clean(end.reason or "")
        if is_same and not (facts.is_deployment_fresh and facts.is_failure_again):
            return None
    elif before and not statuses.may_follow(end.name, before):
        return None
    if facts.is_deployment_fresh:
        return Publish(end)
    if "is_writable" in facts.known:
        return Publish(end) if facts.is_writable else None
    return Ask("is_writable")


def of_failure(facts: Facts, end: Status, now: datetime) -> Due | None:
    """Decides for an upload whose build has failed, as far as the ledger shows."""
    build = facts.build
    if "exists_now" not in facts.known:
        return Ask("exists_now")
    if facts.exists_now:
        return None  # it has come since the ledger was read, and its trigger is on its way
    if end.reason is not None:
        return Publish(end)
    if build.says_why_in_log and "logged" not in facts.known:
        return Ask("logged")
    reason = facts.logged if build.says_why_in_log else build.reason
    if reason is None and not is_log_believed(build, now):
        return Wait(waiting(facts, reasons.NO_LOG_YET))
    reason = reason or build.reason
    end = statuses.of_failure(build, reason, facts.recorded)
    if facts.tags is None or statuses.is_passed(build, facts.recorded) or not is_built_again(reason.code):
        return Publish(end)
    wait = waiting(facts, reasons.built_again(reason))
    if not facts.is_resync:
        return Wait(wait)
    if "attempts" not in facts.known:
        return Ask("attempts")
    builds = len(facts.attempts)
    is_over = is_last(reason.code, facts.attempts, now)
    return GiveUp(reason, builds, end) if is_over else StartAgain(reason, builds, wait)


def waiting(facts: Facts, reason: Reason) -> Status | None:
    """The status of an upload that waits for this reason; None if it can't have it."""
    version = facts.build.version
    if facts.tags is None or not statuses.may_follow("waiting", statuses.read(facts.tags, version)):
        return None
    return Status("waiting", facts.build.image_tag, str(reason))


def outcomes(due: StartAgain | GiveUp) -> Iterator[str]:
    """The metrics that count a failure that is nobody's fault."""
    if due.reason.code in reasons.FAULTS:
        yield "BuildFaulted"
        if isinstance(due, GiveUp) or due.builds > 1:
            yield "BuildFaultStays"


def is_log_believed(build: Build, now: datetime) -> bool:
    """Whether a log that gives no reason by now is taken to have none."""
    return build.had_ended(now - LOG_IS_LATE)


def is_built_again(code: str) -> bool:
    """Whether a build that failed with this code may be followed by another build of its upload."""
    return code in reasons.FAULTS or code in reasons.UNKNOWN


def is_last(code: str, attempts: Sequence[Attempt], now: datetime) -> bool:
    """Whether the newest of these attempts, which another build may follow, is its upload's last."""
    return is_given_up(attempts, now) or (code in reasons.UNKNOWN and len(attempts) >= UNKNOWN_AT_MOST)


def is_given_up(attempts: Sequence[Attempt], now: datetime) -> bool:
    """Whether an upload whose builds fail through nobody's fault gets no further build."""
    begun = sorted((each.began, each.submitted) for each in attempts if each.began)
    if not begun:
        return False
    (began, _), *later = begun
    queued = sum((each_began - submitted for each_began, submitted in later), timedelta())
    submitted = min(each.submitted for each in attempts)
    return now - began - queued >= BUILT_AGAIN_FOR or now - submitted >= BUILT_AGAIN_AT_MOST
