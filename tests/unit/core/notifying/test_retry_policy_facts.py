"""What holds for the policy's decisions whatever the facts are: all that may be known is tried."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from core.notifying import statuses
from core.notifying.retry_policy import Due, Facts, GiveUp, Publish, StartAgain, Wait, decide
from core.notifying.statuses import FINAL
from tests.unit.support.policy import (
    DAY,
    ENDED,
    FAULT,
    GONE,
    NEWER,
    NEWER_URI,
    NOON,
    SECOND,
    TAG,
    UNEXPLAINED,
    URI,
    VERDICT,
    VERSION,
    facts,
    tried,
)

pytestmark = pytest.mark.slow


def named(names: str, values: Sequence[Any]) -> dict[str, Any]:
    """The values under these names."""
    return dict(zip(names.split(), values, strict=True))


@pytest.fixture(scope="module")
def due() -> list[tuple[Facts, Due | None]]:
    """All that may be known, and what is due then."""
    told = itertools.product(
        ["SUCCEEDED", "FAILED", "FAULT"],
        ["", "waiting", "rejected", "recorded"],
        [False, True],
        [{}, {TAG: URI}, {NEWER: NEWER_URI}],
        [False, True],
        [False, True],
        [False, True],
    )
    asked_for = itertools.product(
        [{}, GONE],
        [False, True],
        [False, True],
        [None, VERDICT, FAULT, UNEXPLAINED],
        [tried(SECOND), tried(SECOND, DAY)],
    )
    every = [
        facts(
            **named("status before exists recorded is_blocked is_fresh is_resync", some),
            **named("is_writable exists_now logged attempts", others),
            **gone,
        )
        for some, (gone, *others) in itertools.product(told, asked_for)
    ]
    return [(each, decide(each, NOON)) for each in every]


def test_whatever_the_facts_are_something_or_nothing_is_due(due: list[tuple[Facts, Due | None]]) -> None:
    assert {type(one) for _, one in due} == {Publish, Wait, StartAgain, GiveUp, type(None)}


def test_whatever_the_facts_are_an_end_is_published_where_it_is_fresh_or_remembered(
    due: list[tuple[Facts, Due | None]],
) -> None:
    ends = [(each, one.status) for each, one in due if isinstance(one, Publish | GiveUp) and one.status]

    assert all(status.name in FINAL for _, status in ends)
    assert all(each.is_fresh or each.is_writable for each, _ in ends)
    for each, status in ends:
        assert statuses.may_follow(status.name, statuses.read(each.tags or {}, VERSION))


def test_whatever_the_facts_are_only_an_upload_without_an_end_waits(due: list[tuple[Facts, Due | None]]) -> None:
    waiting = [(each, one.status) for each, one in due if isinstance(one, Wait | StartAgain) and one.status]

    assert {status.name for _, status in waiting} == {"waiting"}
    assert all(each.tags is not None for each, _ in waiting)
    for each, _ in waiting:
        before = statuses.read(each.tags or {}, VERSION)
        assert before is None or before.name == "waiting"


def test_whatever_the_facts_are_a_build_is_started_again_for_a_reason_and_by_a_resync_alone(
    due: list[tuple[Facts, Due | None]],
) -> None:
    started = [(each, one) for each, one in due if isinstance(one, StartAgain)]

    assert {one.reason for _, one in started} == {FAULT, UNEXPLAINED, ENDED}
    for each, _ in started:
        assert each.is_resync
        assert each.tags is not None
        assert not any([each.exists, each.exists_now, each.recorded])
