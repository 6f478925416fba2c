"""The checks, in the order in which a run makes them: the cheapest evidence first."""

from verify.checking import Check
from verify.checks import (
    all_builds,
    as_start_build,
    building,
    deploying,
    ecs,
    events,
    failing,
    following,
    images,
    monitoring,
    updating,
)
from verify.gathering.evidence import Evidence
from verify.untried import UNTRIED
from verify.verdicts import NotTried


def untried(assumption: str, why: str) -> Check:
    """A check that says why the assumption can't be tried."""

    def look(_: Evidence) -> str:
        raise NotTried(why)

    return Check(assumption, look)


CHECKS: list[Check] = [
    *deploying.CHECKS,
    *events.CHECKS[:1],
    *building.CHECKS,
    *events.CHECKS[1:],
    *images.CHECKS,
    *failing.CHECKS,
    *as_start_build.CHECKS,
    *monitoring.CHECKS,
    *updating.CHECKS,
    *events.LAST,
    *events.DISTURBING,
    *all_builds.CHECKS,
    *deploying.LAST,
    *ecs.CHECKS,
    *following.CHECKS,
    *(untried(name, why) for name, why in UNTRIED.items()),
]
FARGATE = {check.assumption for check in [*ecs.CHECKS, *following.CHECKS]}
"""The assumptions that only a run with --fargate tries."""
