"""Each time of the retry policy is kept to the second."""

from datetime import timedelta
from typing import Any

import pytest

from core import reasons
from core.notifying import retry_policy
from core.notifying.retry_policy import BUILT_AGAIN_AT_MOST, BUILT_AGAIN_FOR, LOG_IS_LATE, Attempt, Due, decide
from tests.unit.support.policy import (
    BY_A_FAULT,
    FAULT,
    HOUR,
    MINUTE,
    NOON,
    RESYNC,
    SECOND,
    SILENT,
    UNWRITABLE,
    again,
    facts,
    failed,
    last,
    tried,
    waits,
)


def first(ago: timedelta) -> dict[str, Any]:
    """A fault whose upload's first build began so long ago."""
    return BY_A_FAULT | RESYNC | {"attempts": tried(SECOND, ago)}


def queued(ago: timedelta) -> dict[str, Any]:
    """The same, where the first was submitted so long ago and the others were queued nearly all the time."""
    second = Attempt(NOON - ago + HOUR, NOON - MINUTE)
    return BY_A_FAULT | RESYNC | {"attempts": (*tried(ago), second)}


WALK: dict[str, tuple[timedelta, Any, Due | None, Due | None]] = {
    "LOG_IS_LATE": (
        LOG_IS_LATE,
        lambda ago: {"logged": None, "ended": ago},
        waits(reasons.NO_LOG_YET),
        failed(SILENT),
    ),
    "BUILT_AGAIN_FOR": (BUILT_AGAIN_FOR, first, again(FAULT, 2), last(FAULT, 2)),
    "BUILT_AGAIN_FOR, unwritable": (
        BUILT_AGAIN_FOR,
        lambda ago: UNWRITABLE | BY_A_FAULT | RESYNC | {"ended": ago},
        again(FAULT),
        None,
    ),
    "BUILT_AGAIN_AT_MOST": (BUILT_AGAIN_AT_MOST, queued, again(FAULT, 2), last(FAULT, 2)),
}
OF_THE_BACKLOG = {"FRESH", "LOOK_BACK", "RECENT", "SAME_STORY", "SCHEDULE"}
"""The times of tests/unit/core/notifying/test_backlog.py."""


@pytest.mark.parametrize(("time", "changes", "before", "then"), WALK.values(), ids=WALK)
def test_each_time_is_kept_to_the_second(time: timedelta, changes: Any, before: Due | None, then: Due | None) -> None:
    assert decide(facts(**changes(time - SECOND)), NOON) == before
    assert decide(facts(**changes(time)), NOON) == then


def test_the_walk_comes_by_every_time() -> None:
    times = {name for name, value in vars(retry_policy).items() if isinstance(value, timedelta)}

    assert times == {name.partition(",")[0] for name in WALK} | OF_THE_BACKLOG
