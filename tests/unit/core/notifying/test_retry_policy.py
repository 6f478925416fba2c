"""The policy for uploads whose builds have ended, as rows. Each row says how it differs from a base.

The base is a build that has just failed by its Dockerfile, whose event has come, and of which everything is known.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from core import reasons
from core.notifying import retry_policy
from core.notifying.retry_policy import (
    BUILT_AGAIN_FOR,
    LOG_IS_LATE,
    Ask,
    Due,
    Fact,
    GiveUp,
    Publish,
    StartAgain,
    Wait,
    decide,
)
from core.notifying.statuses import FINAL, LIFE, Status
from tests.unit.support.policy import (
    BY_A_FAULT,
    DAY,
    ENDED,
    FAULT,
    GONE,
    HOUR,
    MINUTE,
    NOON,
    OF_NO_LOG,
    OTHER,
    RECORDED,
    RESYNC,
    SECOND,
    SILENT,
    STALE,
    SUCCEEDED,
    SUPERSEDED,
    SUPERSEDING,
    TAG,
    UNEXPLAINED,
    UNWRITABLE,
    URI,
    VERDICT,
    again,
    facts,
    failed,
    last,
    tried,
    waits,
)

ROWS: dict[str, tuple[Mapping[str, Any], Due | None]] = {
    # the ledger tells
    "recorded": (SUCCEEDED | {"exists": True, "recorded": {TAG: URI}}, RECORDED),
    "recorded, and a second build failed": ({"exists": True, "recorded": {TAG: URI}}, RECORDED),
    "recorded, and gone by now": ({"recorded": {TAG: URI}}, RECORDED),
    "built, and not recorded yet": (SUCCEEDED | {"exists": True}, None),
    "built, and can't be recorded": (
        SUCCEEDED | {"exists": True, "is_blocked": True},
        waits(reasons.NOT_RECORDED),
    ),
    "built, can't be recorded, version gone": (SUCCEEDED | GONE | {"exists": True, "is_blocked": True}, Wait(None)),
    "built, can't be recorded, rejected": (
        SUCCEEDED | {"exists": True, "is_blocked": True, "before": "rejected"},
        Wait(None),
    ),
    "built below a newer one": (SUCCEEDED | SUPERSEDING | {"exists": True}, SUPERSEDED),
    "built and gone": (SUCCEEDED, failed(reasons.GONE)),
    "built and gone below a newer one": (SUCCEEDED | SUPERSEDING, SUPERSEDED),
    "failed, and built by now": ({"exists_now": True}, None),
    # the build tells
    "failed by its Dockerfile": ({}, failed(VERDICT)),
    "failed by its Dockerfile, seen by a resync": (RESYNC, failed(VERDICT)),
    "failed by its Dockerfile below a newer one": (SUPERSEDING, failed(VERDICT)),
    "failed for a reason of a newer builder": (RESYNC | {"logged": OTHER}, failed(OTHER)),
    "stopped": ({"status": "STOPPED"}, failed(reasons.STOPPED)),
    "the log says nothing yet": ({"logged": None}, waits(reasons.NO_LOG_YET)),
    "the log says nothing, version gone": (GONE | {"logged": None}, Wait(None)),
    "the log says nothing any more": ({"logged": None, "ended": LOG_IS_LATE}, failed(SILENT)),
    # nobody's fault
    "a fault": (BY_A_FAULT, waits(reasons.built_again(FAULT))),
    "a fault, long after the first build": (
        BY_A_FAULT | {"attempts": tried(DAY)},
        waits(reasons.built_again(FAULT)),
    ),
    "a fault, seen by a resync": (BY_A_FAULT | RESYNC, again(FAULT)),
    "a fault by the build's status": (OF_NO_LOG | RESYNC, again(ENDED)),
    "the third fault": (BY_A_FAULT | RESYNC | {"attempts": tried(SECOND, HOUR, 2 * HOUR)}, again(FAULT, 3)),
    "a fault of a version that is gone": (BY_A_FAULT | RESYNC | GONE, failed(FAULT)),
    "a fault of a rejected upload": (BY_A_FAULT | RESYNC | {"before": "rejected"}, StartAgain(FAULT, 1, None)),
    "a fault below a newer one": (
        BY_A_FAULT | RESYNC | SUPERSEDING,
        Publish(Status("superseded", TAG, str(reasons.superseded_after(FAULT)))),
    ),
    "a fault, five hours after the first build began": (
        BY_A_FAULT | RESYNC | {"attempts": tried(SECOND, 5 * HOUR)},
        last(FAULT, 2),
    ),
    "unexplained": (RESYNC | {"logged": UNEXPLAINED}, again(UNEXPLAINED)),
    "unexplained for the second time": (
        RESYNC | {"logged": UNEXPLAINED, "attempts": tried(SECOND, MINUTE)},
        again(UNEXPLAINED, 2),
    ),
    "unexplained for the third time": (
        RESYNC | {"logged": UNEXPLAINED, "attempts": tried(SECOND, MINUTE, HOUR)},
        last(UNEXPLAINED, 3),
    ),
    "unexplained below a newer one": (RESYNC | SUPERSEDING | {"logged": UNEXPLAINED}, failed(UNEXPLAINED)),
    # nothing would remember it
    "unwritable, and fresh": ({"is_writable": False}, failed(VERDICT)),
    "unwritable, and not fresh": (UNWRITABLE, None),
    "unwritable, recorded, not fresh": (UNWRITABLE | {"recorded": {TAG: URI}}, None),
    "writable, and not fresh": (STALE, failed(VERDICT)),
    "gone, and not fresh": (GONE | STALE | {"is_writable": False}, None),
    "unwritable, a fault": (UNWRITABLE | BY_A_FAULT | RESYNC, again(FAULT)),
    "unwritable, the last fault": (
        UNWRITABLE | BY_A_FAULT | RESYNC | {"attempts": tried(5 * HOUR)},
        GiveUp(FAULT, 1, None),
    ),
}


@pytest.mark.parametrize(("changes", "due"), ROWS.values(), ids=ROWS)
def test_what_is_due(changes: Mapping[str, Any], due: Due | None) -> None:
    assert decide(facts(**changes), NOON) == due


# What stands on the upload


@pytest.mark.parametrize("before", ["", "accepted", "waiting", *FINAL])
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("failed", {}),
        ("superseded", SUCCEEDED | SUPERSEDING),
        ("recorded", {"recorded": {TAG: URI}}),
    ],
)
def test_an_end_is_news_where_the_upload_has_none_or_a_lower_one(
    name: str, changes: Mapping[str, Any], before: str
) -> None:
    due = decide(facts(before=before, **changes), NOON)

    assert isinstance(due, Publish) == (before in LIFE[name].follows)
    assert due is None or isinstance(due, Publish)


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
