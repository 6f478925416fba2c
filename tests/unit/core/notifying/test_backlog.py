"""Which builds are looked at: a page of the project's builds holds what CodeBuild answers, the newest first."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.notifying import backlog
from core.notifying.retry_policy import FRESH, LOOK_BACK, RECENT, SAME_STORY, SCHEDULE

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def ended(name: str, ago: timedelta) -> Any:
    """A build that ended so long ago."""
    return {"id": name, "endTime": NOON - ago}


def submitted(name: str, ago: timedelta) -> Any:
    """A build that was submitted so long ago."""
    return {"id": name, "startTime": NOON - ago}


def looked_at(*pages: Any) -> list[tuple[str, bool]]:
    """What a resync at noon looks at, and whether its end is fresh."""
    return [(each["id"], fresh) for each, fresh in backlog.of_resync([[*page] for page in pages], NOON)]


def read(pages: Any, number: list[int]) -> Iterator[Any]:
    """The pages, counted as they are read."""
    for page in pages:
        number.append(len(number))
        yield page


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        pytest.param(FRESH - SECOND, [("it", True)], id="fresh"),
        pytest.param(FRESH, [("it", False)], id="no longer fresh"),
        pytest.param(LOOK_BACK - SECOND, [("it", False)], id="old"),
        pytest.param(LOOK_BACK, [], id="too old"),
    ],
)
def test_how_far_back_a_resync_looks(ago: timedelta, expected: list[tuple[str, bool]]) -> None:
    assert looked_at([ended("it", ago)]) == expected


@pytest.mark.parametrize(("ago", "first"), [(RECENT - SECOND, "late"), (RECENT, "early")])
def test_what_ended_within_a_day_comes_before_what_is_older(ago: timedelta, first: str) -> None:
    older = [ended("early", 2 * HOUR + RECENT)] if first == "late" else [ended("early", RECENT - SECOND)]

    assert looked_at([ended("late", ago), *older])[0] == (first, False)


def test_of_the_last_day_the_newest_comes_first() -> None:
    assert [name for name, _ in looked_at([ended("new", HOUR)], [ended("old", 2 * HOUR)])] == ["new", "old"]


def test_a_build_that_runs_is_looked_at() -> None:
    assert looked_at([{"id": "it"}]) == [("it", True)]


def test_a_page_with_nothing_but_too_old_builds_is_the_last() -> None:
    number: list[int] = []
    pages = [[ended("new", HOUR), ended("old", LOOK_BACK)], [ended("old", LOOK_BACK)], [ended("new", HOUR)]]

    assert len([*backlog.of_resync(read(pages, number), NOON)]) == 1
    assert len(number) == 2


def test_nothing_is_looked_at_behind_a_page_without_builds() -> None:
    assert looked_at([], [ended("new", HOUR)]) == []


def test_older_builds_have_their_turn_after_those_of_the_last_day() -> None:
    old = [ended(f"old {number}", 2 * RECENT) for number in range(230)]
    new, *others = [name for name, _ in looked_at([ended("new", HOUR), *old])]

    assert new == "new"
    assert others == [each["id"] for each in backlog.in_turn(old, NOON)]
    assert others[0] != "old 0"


@pytest.mark.parametrize("count", [1, 99, 100, 200, 250, 1001])
def test_resyncs_that_each_get_through_a_hundred_old_builds_reach_them_all(count: int) -> None:
    builds = range(count)
    turns = [backlog.in_turn(builds, NOON + number * SCHEDULE) for number in range(count // 100 + 1)]

    assert {build for turn in turns for build in turn[:100]} == {*builds}
    assert all(sorted(turn) == [*builds] for turn in turns)


def test_without_old_builds_a_resync_has_no_turn() -> None:
    assert backlog.in_turn([], NOON) == []


@pytest.mark.parametrize(("ago", "names"), [(SAME_STORY - SECOND, ["new", "it"]), (SAME_STORY, ["new"])])
def test_builds_of_the_last_two_days_are_of_the_same_story(ago: timedelta, names: list[str]) -> None:
    found = backlog.of_same_story([[submitted("new", HOUR)], [submitted("it", ago)]], NOON)

    assert [each["id"] for each in found] == names


def test_no_page_is_read_behind_a_build_that_is_too_old() -> None:
    number: list[int] = []
    pages = [[submitted("new", HOUR)], [submitted("old", SAME_STORY)], [submitted("older", SAME_STORY)]]

    assert [each["id"] for each in backlog.of_same_story(read(pages, number), NOON)] == ["new"]
    assert len(number) == 2


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ([{"name": "IMAGE_TAG", "value": "build-1"}], True),
        ([{"name": "IMAGE_TAG", "value": "build-2"}], False),
        ([{"name": "OTHER", "value": "build-1"}], False),
        ([], False),
    ],
)
def test_a_build_is_of_the_tag_that_it_was_started_with(variables: list[Any], expected: bool) -> None:
    build: Any = {"environment": {"environmentVariables": variables}}

    assert backlog.is_of("build-1", build) is expected


def test_a_build_without_variables_is_of_no_tag() -> None:
    build: Any = {"environment": {}}

    assert not backlog.is_of("build-1", build)
