"""Which facts the policy asks for, what it counts, and what holds whatever the facts are."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from core.notifying import retry_policy, statuses
from core.notifying.retry_policy import (
    BUILT_AGAIN_FOR,
    Ask,
    Due,
    Fact,
    Facts,
    GiveUp,
    Publish,
    StartAgain,
    Wait,
    decide,
)
from core.notifying.statuses import FINAL
from tests.unit.support.policy import (
    BY_A_FAULT,
    DAY,
    ENDED,
    FAULT,
    GONE,
    NEWER,
    NEWER_URI,
    NOON,
    OF_NO_LOG,
    RESYNC,
    SECOND,
    STALE,
    SUCCEEDED,
    TAG,
    UNEXPLAINED,
    UNWRITABLE,
    URI,
    VERDICT,
    VERSION,
    again,
    facts,
    last,
    tried,
)

# What is asked for: each fact costs a request


def asked(**changes: Any) -> list[Fact]:
    """The facts that are asked for until it is clear what is due."""
    known: list[Fact] = []
    while isinstance(due := decide(facts(known=known, **changes), NOON), Ask):
        assert due.fact not in known
        known.append(due.fact)
    return known


REQUESTS: dict[str, tuple[Mapping[str, Any], list[Fact]]] = {
    "not recorded yet": (SUCCEEDED | {"exists": True}, []),
    "can't be recorded": (SUCCEEDED | {"exists": True, "is_blocked": True}, ["tags"]),
    "reported before": ({"before": "failed"}, ["tags"]),
    "recorded": ({"recorded": {TAG: URI}}, ["tags"]),
    "recorded, not fresh": (STALE | {"recorded": {TAG: URI}}, ["tags", "is_writable"]),
    "gone, not fresh": (GONE | STALE, ["tags"]),
    "built and gone": (SUCCEEDED, ["tags", "exists_now"]),
    "failed": ({}, ["tags", "exists_now", "logged"]),
    "failed, seen by a resync": (RESYNC, ["tags", "exists_now", "logged"]),
    "failed, and built by now": ({"exists_now": True}, ["tags", "exists_now"]),
    "stopped": ({"status": "STOPPED"}, ["tags", "exists_now"]),
    "a fault": (BY_A_FAULT, ["tags", "exists_now", "logged"]),
    "a fault, seen by a resync": (BY_A_FAULT | RESYNC, ["tags", "exists_now", "logged", "attempts"]),
    "a fault by the build's status": (OF_NO_LOG | RESYNC, ["tags", "exists_now", "attempts"]),
    "a fault, gone": (BY_A_FAULT | RESYNC | GONE, ["tags", "exists_now", "logged"]),
    "unwritable": (UNWRITABLE, ["tags", "is_writable", "exists_now", "logged"]),
    "unwritable, five hours later": (UNWRITABLE | {"ended": BUILT_AGAIN_FOR}, ["tags", "is_writable"]),
}


@pytest.mark.parametrize(("changes", "expected"), REQUESTS.values(), ids=REQUESTS)
def test_only_what_the_decision_needs_is_asked_for(changes: Mapping[str, Any], expected: list[Fact]) -> None:
    assert asked(**changes) == expected


# Faults are counted


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (again(FAULT), ["BuildFaulted"]),
        (again(FAULT, 2), ["BuildFaulted", "BuildFaultStays"]),
        (last(FAULT), ["BuildFaulted", "BuildFaultStays"]),
        (last(FAULT, 20), ["BuildFaulted", "BuildFaultStays"]),
        (again(UNEXPLAINED, 2), []),
        (last(UNEXPLAINED, 3), []),
    ],
)
def test_a_fault_needs_somebody_from_the_second_build_on_or_if_it_is_the_last(
    due: StartAgain | GiveUp, expected: list[str]
) -> None:
    assert [*retry_policy.outcomes(due)] == expected


# Whatever the facts


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
