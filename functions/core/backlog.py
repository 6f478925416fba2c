"""In which order a resync goes through the builds of the last two weeks when it can't get through all of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

INTERVAL = timedelta(minutes=15)  # of the schedule
STEP = 100
Build = TypeVar("Build")


def in_turn(builds: Sequence[Build], now: datetime) -> list[Build]:
    """The builds, from a place on that moves by 100 with each schedule, so that each has its turn to be first."""
    if not builds:
        return []
    start = int(now.timestamp() // INTERVAL.total_seconds()) * STEP % len(builds)
    return [*builds[start:], *builds[:start]]
