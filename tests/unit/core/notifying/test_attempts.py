"""How long an upload is built again whose builds fail through nobody's fault."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.notifying.retry_policy import (
    BUILT_AGAIN_AT_MOST,
    BUILT_AGAIN_FOR,
    SAME_STORY,
    SCHEDULE,
    Attempt,
    is_given_up,
    is_last,
)

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NOTHING, SECOND, MINUTE, HOUR = timedelta(), timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
LONGEST = timedelta(minutes=480)
"""How long a build may be queued, and how long it may run."""


def attempt(submitted: timedelta, queued: timedelta = NOTHING) -> Attempt:
    """A build that was submitted so long before noon."""
    return Attempt(NOON - submitted, NOON - submitted + queued)


@pytest.mark.parametrize("attempts", [[], [Attempt(NOON - 23 * HOUR, None)]], ids=["no build in view", "one is queued"])
def test_before_a_build_runs_nothing_is_given_up(attempts: list[Attempt]) -> None:
    assert not is_given_up(attempts, NOON)


@pytest.mark.parametrize("queued", [NOTHING, 6 * HOUR, 8 * HOUR])
@pytest.mark.parametrize(("since", "ends"), [(BUILT_AGAIN_FOR - SECOND, False), (BUILT_AGAIN_FOR, True)])
def test_the_five_hours_begin_when_the_first_build_runs(since: timedelta, queued: timedelta, ends: bool) -> None:
    assert is_given_up([attempt(since + queued, queued)], NOON) is ends


@pytest.mark.parametrize(("since", "ends"), [(BUILT_AGAIN_FOR - SECOND, False), (BUILT_AGAIN_FOR, True)])
def test_later_builds_queues_do_not_count(since: timedelta, ends: bool) -> None:
    queued = [2 * HOUR, 3 * HOUR]
    first = attempt(since + sum(queued, NOTHING))
    later = [attempt(4 * HOUR, queued[0]), attempt(3 * HOUR, queued[1])]

    assert is_given_up([*later, first], NOON) is ends


@pytest.mark.parametrize(("since", "ends"), [(BUILT_AGAIN_AT_MOST - SECOND, False), (BUILT_AGAIN_AT_MOST, True)])
def test_a_day_after_the_first_was_submitted_it_ends_however_long_they_were_queued(
    since: timedelta, ends: bool
) -> None:
    first = attempt(since, 8 * HOUR)
    later = attempt(since - 8 * HOUR, since - 8 * HOUR - MINUTE)

    assert is_given_up([first, later], NOON) is ends


QUEUED = {"phaseType": "QUEUED"}


@pytest.mark.parametrize(
    ("answer", "began"),
    [
        pytest.param({"phases": [QUEUED | {"endTime": NOON}, {"phaseType": "BUILD"}]}, NOON, id="it runs"),
        pytest.param({"phases": [QUEUED]}, None, id="it is queued"),
        pytest.param({"phases": []}, None, id="it was just submitted"),
        pytest.param({}, None, id="nothing is known of its phases"),
        pytest.param({"phases": [QUEUED], "endTime": NOON}, NOON, id="it ended in the queue"),
    ],
)
def test_a_build_begins_when_it_leaves_the_queue(answer: dict[str, Any], began: datetime | None) -> None:
    assert Attempt.from_answer({"startTime": NOON - HOUR} | answer) == Attempt(NOON - HOUR, began)


FAULT, UNKNOWN = "build-system-fault", "not-started"


@pytest.mark.parametrize(
    ("code", "builds", "since", "expected"),
    [
        (FAULT, 1, NOTHING, False),
        (FAULT, 3, HOUR, False),
        (FAULT, 19, BUILT_AGAIN_FOR - SECOND, False),
        (FAULT, 1, BUILT_AGAIN_FOR, True),
        (UNKNOWN, 1, NOTHING, False),
        (UNKNOWN, 2, HOUR, False),
        (UNKNOWN, 3, HOUR, True),
        (UNKNOWN, 4, HOUR, True),
        (UNKNOWN, 2, BUILT_AGAIN_FOR, True),
    ],
)
def test_how_many_builds_an_upload_gets_depends_on_the_reason(
    code: str, builds: int, since: timedelta, expected: bool
) -> None:
    attempts = [attempt(since), *(attempt(NOTHING) for _ in range(builds - 1))]

    assert is_last(code, attempts, NOON) is expected


minutes = st.integers(0, 480).map(lambda number: timedelta(minutes=number))


@given(st.data())
def test_every_story_ends_though_builds_are_no_longer_in_view(data: st.DataObject) -> None:
    """Each build is queued and runs for as long as it may; the next resync starts another one."""
    made: list[Attempt] = []
    now = began = NOON
    while now - began < SAME_STORY:
        made.append(Attempt(now, now + data.draw(minutes)))
        ended = made[-1].began + data.draw(minutes) if made[-1].began else now
        now = ended + SCHEDULE
        if is_given_up([each for each in made if now - each.submitted < SAME_STORY], now):
            return
    pytest.fail(f"Still built again {now - began} after the first build")


def test_a_story_that_has_ended_stays_in_view() -> None:
    assert BUILT_AGAIN_AT_MOST + LONGEST + LONGEST + SCHEDULE < SAME_STORY
