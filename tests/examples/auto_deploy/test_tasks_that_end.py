"""A verdict is about a deployment: what happens to its tasks later changes nothing."""

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from tests.examples.support.facts import (
    AFTER,
    BEFORE,
    LATER,
    NEW,
    behind,
    facts,
    last,
    new,
    old,
)

RAN = last("running", running=NEW)
NONE_RUNS = "The deployment is complete, but none of its tasks runs."
LEFT = {
    "no task of a deployment that ran runs": (RAN, [new("COMPLETED", running=0)], {"now": LATER}),
    "it has no rolloutState": (RAN, [new("", running=0)], {"now": LATER}),
    "the service is scaled to 0 later": (RAN, [new("COMPLETED", running=0)], {"wanted": 0}),
    "a deployment has just been completed, and its task restarts": (
        last("deploying"),
        [new("COMPLETED", running=0)],
        {},
    ),
    "an old deployment has just been completed, and its task restarts": (
        last("deploying"),
        [new("COMPLETED", running=0, updated=AFTER + timedelta(minutes=20)), behind(old())],
        {"now": AFTER + timedelta(minutes=25)},
    ),
}


@pytest.mark.parametrize(("record", "deployments", "more"), LEFT.values(), ids=LEFT)
def test_nothing_is_recorded_if(follow: ModuleType, record: Any, deployments: Any, more: dict[str, Any]) -> None:
    assert follow.decide(facts(follow, record, deployments, more)).action == "nothing"


FAILED = {
    "a newer deployment begins while the service wants no task": (
        RAN,
        [new("IN_PROGRESS", running=0, id="9", created=LATER)],
        {"wanted": 0},
        "The service's desired count is 0.",
    ),
    "ECS completes a deployment over and over": (
        last("deploying"),
        [new("COMPLETED", running=0, updated=LATER)],
        {"now": LATER},
        NONE_RUNS,
    ),
}


@pytest.mark.parametrize(("record", "deployments", "more", "reason"), FAILED.values(), ids=FAILED)
def test_a_failure_is_recorded_if(
    follow: ModuleType, record: Any, deployments: Any, more: dict[str, Any], reason: str
) -> None:
    decided = follow.decide(facts(follow, record, deployments, more))

    assert (decided.record.state, decided.record.reason) == ("not-healthy", reason)


def test_a_new_version_that_names_what_ran_keeps_the_verdict(follow: ModuleType) -> None:
    record = last("running", running=NEW, version=1)

    decided = follow.decide(facts(follow, record, [new("COMPLETED", running=0, created=BEFORE)], {}))

    assert (decided.action, decided.record.version) == ("write", 2)
    assert (decided.record.state, decided.record.running) == ("running", NEW)
