"""The facts of an upload whose build has just failed by its Dockerfile, and what may be due for it."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from core import reasons
from core.notifying import statuses
from core.notifying.retry_policy import Attempt, Fact, Facts, GiveUp, Publish, StartAgain, Wait
from core.notifying.statuses import Status
from core.reasons import Reason
from tests.unit.support.built import built
from tests.unit.support.object_created import upload

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TAG, VERSION = upload().image_tag, upload().version
NEWER = "build-20991231T235959Z-00-0f3e9a71"
URI, NEWER_URI = "repository@sha256:aa", "repository@sha256:bb"
VERDICT, FAULT = Reason("build-failed", "RUN make"), Reason("push-failed", "denied")
UNEXPLAINED, OTHER = Reason("not-started", "something new"), Reason("new-code", "of a newer builder")
ALL = get_args(Fact)
SILENT = reasons.silent_phase("BUILD")

SUCCEEDED = {"status": "SUCCEEDED"}
BY_A_FAULT = {"logged": FAULT}
OF_NO_LOG = {"status": "FAULT"}
"""CodeBuild ended the build: its status alone says why."""
SUPERSEDING = {"recorded": {NEWER: NEWER_URI}}
GONE: dict[str, Any] = {"tags": None}
STALE = {"is_fresh": False, "ended": 30 * MINUTE}
UNWRITABLE = STALE | {"is_writable": False}
RESYNC = {"is_resync": True}


def facts(
    status: str = "FAILED", ended: timedelta = SECOND, before: str = "", known: Any = ALL, **changes: Any
) -> Facts:
    """Its event has come, and everything is known. `before` is the status that the upload carries."""
    build = built(status, log=("group", "stream"), ended=NOON - ended)
    tags = statuses.with_status({}, Status(before, TAG, "x")) if before else {"team": "pizza"}
    base: dict[str, Any] = {
        "exists": False,
        "recorded": {},
        "is_blocked": False,
        "is_fresh": True,
        "is_resync": False,
        "tags": tags,
        "is_writable": True,
        "logged": VERDICT,
        "attempts": tried(SECOND),
    }
    return Facts(build, known=frozenset(known), **(base | changes))


def tried(*ago: timedelta) -> tuple[Attempt, ...]:
    """Builds that were submitted and began so long ago."""
    return tuple(Attempt(NOON - each, NOON - each) for each in ago)


def failed(reason: Reason) -> Publish:
    return Publish(Status("failed", TAG, str(reason)))


def waits(reason: Reason) -> Wait:
    return Wait(Status("waiting", TAG, str(reason)))


def again(reason: Reason, builds: int = 1) -> StartAgain:
    return StartAgain(reason, builds, waits(reasons.built_again(reason)).status)


def last(reason: Reason, builds: int = 1) -> GiveUp:
    return GiveUp(reason, builds, failed(reason).status)


RECORDED = Publish(Status("recorded", TAG, image_uri=URI))
SUPERSEDED = Publish(Status("superseded", TAG, str(reasons.SUPERSEDED)))
ENDED = reasons.fault("FAULT", "BUILD")
