"""What the follower decides: each row is a fact about the service, the record and the parameter, and what follows."""

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from tests.examples.support.facts import (
    AFTER,
    BEFORE,
    FAILED,
    GIVEN_UP,
    HAND,
    LATE,
    LATER,
    NEW,
    OF_OLD,
    OLD,
    OTHER,
    OVERTAKEN,
    attempt,
    behind,
    facts,
    last,
    new,
    old,
)

DEPLOYED = {
    "a new version of the parameter": (OF_OLD, [old()], {}),
    "the first look, if the service runs another image": (None, [old()], {}),
    "the same image in a new version, after ECS gave it up": (FAILED | {"version": 1}, [old()], {}),
    "another image in a version with the same number, as after a deletion": (OF_OLD | {"version": 2}, [old()], {}),
    "the same image again, if the primary deployment failed before": (
        FAILED | {"version": 1},
        [new("FAILED", running=0, created=BEFORE)],
        {},
    ),
    "an image whose failed deployment of an older version is still listed": (
        FAILED | {"version": 1},
        [old(), behind(new("FAILED", running=0, created=BEFORE))],
        {},
    ),
    "a version that was named while there was no service": (
        last("not-healthy", reason="There is no such ECS service.", deployment=None),
        [old()],
        {},
    ),
    "a new version while somebody's other deployment is in progress": (OF_OLD, [HAND | {"state": "IN_PROGRESS"}], {}),
    "a new version of a service that wants no task": (OF_OLD, [old(running=0)], {"wanted": 0}),
}


@pytest.mark.parametrize(("record", "deployments", "more"), DEPLOYED.values(), ids=DEPLOYED)
def test_it_deploys(follow: ModuleType, record: Any, deployments: Any, more: dict[str, Any]) -> None:
    decided = follow.decide(facts(follow, record, deployments, more))

    assert decided.action == "deploy"
    assert (decided.record.state, decided.record.image, decided.record.version) == ("deploying", NEW, 2)


RECORDED = {
    "the first look, if the service runs the image": (None, [new("COMPLETED")], {}, ("running", NEW, None)),
    "the first look, if the service deploys the image": (
        None,
        [new("IN_PROGRESS", running=0), behind(old())],
        {},
        ("deploying", OLD, None),
    ),
    "a deployment whose run ended before the record": (
        OF_OLD,
        [new("IN_PROGRESS", running=0), behind(old())],
        {},
        ("deploying", OLD, None),
    ),
    "a deployment whose run ended before the record, if ECS gave it up since": (
        OF_OLD,
        [old()],
        {"attempts": [attempt("ROLLBACK_SUCCESSFUL")]},
        ("not-healthy", OLD, "It is ROLLBACK_SUCCESSFUL."),
    ),
    "complete and alone": (last("deploying"), [new("COMPLETED")], {}, ("running", NEW, None)),
    "late but complete": (last("not-healthy", reason=LATE), [new("COMPLETED")], {}, ("running", NEW, None)),
    "complete without a rolloutState: all tasks run, and no other deployment is there": (
        last("deploying"),
        [new("")],
        {},
        ("running", NEW, None),
    ),
    "somebody put the image back": (last("changed", running=OTHER), [new("COMPLETED")], {}, ("running", NEW, None)),
    "a new version, while the image that runs is deployed once more": (
        last("running", running=NEW, version=1),
        [new("IN_PROGRESS", running=0, id="9"), behind(new("COMPLETED"))],
        {},
        ("deploying", NEW, None),
    ),
    "a new version, while the image that runs is deployed once more without room": (
        last("running", running=NEW, version=1),
        [new("IN_PROGRESS", running=0, id="9"), behind(new("COMPLETED"))],
        {"now": LATER},
        ("running", NEW, None),
    ),
    "failed and listed": (
        last("deploying"),
        [old(), behind(new("FAILED", running=0))],
        {},
        ("not-healthy", OLD, GIVEN_UP),
    ),
    "failed without a deployment to go back to": (
        last("deploying", running=None),
        [new("FAILED", running=0)],
        {},
        ("not-healthy", None, GIVEN_UP),
    ),
    "gone, and ECS rolled it back": (
        last("deploying"),
        [old()],
        {"attempts": [attempt("ROLLBACK_IN_PROGRESS")]},
        ("not-healthy", OLD, "It is ROLLBACK_IN_PROGRESS."),
    ),
    "gone, and stopped": (
        last("deploying"),
        [old()],
        {"attempts": [attempt("STOPPED")]},
        ("not-healthy", OLD, "It is STOPPED."),
    ),
    "still in progress after 30 minutes": (
        last("deploying"),
        [new("IN_PROGRESS", running=0), behind(old())],
        {"now": LATER, "trouble": "(service a) was unable to place a task."},
        ("not-healthy", OLD, f"{LATE} (service a) was unable to place a task."),
    ),
    "not complete without a rolloutState after 30 minutes": (
        last("deploying"),
        [new("", running=0), behind(old(""))],
        {"now": LATER},
        ("not-healthy", OLD, LATE),
    ),
    "complete, but old tasks still run after 30 minutes": (
        last("deploying"),
        [new("COMPLETED"), behind(old())],
        {"now": LATER},
        ("not-healthy", NEW, LATE),
    ),
    "a deployment that begins while the service wants no task": (
        last("deploying"),
        [new("COMPLETED", running=0)],
        {"wanted": 0},
        ("not-healthy", None, "The service's desired count is 0."),
    ),
    "complete, but no task runs for ten minutes": (
        last("deploying"),
        [new("COMPLETED", running=0)],
        {"now": AFTER + timedelta(minutes=11)},
        ("not-healthy", None, "The deployment is complete, but none of its tasks runs."),
    ),
    "another image by hand, after the image ran": (
        last("running", running=NEW),
        [HAND],
        {"attempts": [attempt("SUCCESSFUL"), OVERTAKEN[1]]},
        ("changed", OTHER, None),
    ),
    "another image by hand, which overtook the deployment": (
        last("deploying"),
        [HAND],
        {"attempts": OVERTAKEN},
        ("changed", OTHER, None),
    ),
    "another image by hand, although ECS says longer than 30 minutes that ours is in progress": (
        last("deploying"),
        [HAND],
        {"attempts": [attempt("IN_PROGRESS")], "now": LATER + timedelta(minutes=5)},
        ("changed", OTHER, None),
    ),
    "another image by hand that can't run either": (
        last("deploying"),
        [HAND | {"state": "FAILED", "running": 0}],
        {"attempts": OVERTAKEN},
        ("changed", None, None),
    ),
    "another image by hand, while an older failed deployment of the image is still listed": (
        last("running", running=NEW),
        [HAND, behind(new("FAILED", running=0, created=BEFORE, id="0"))],
        {"attempts": [attempt("SUCCESSFUL"), OVERTAKEN[1]]},
        ("changed", OTHER, None),
    ),
    "an image that ECS gave up stays so if somebody then deploys another one": (
        FAILED,
        [HAND],
        {"attempts": []},
        ("not-healthy", OTHER, FAILED["reason"]),
    ),
}


@pytest.mark.parametrize(("record", "deployments", "more", "expected"), RECORDED.values(), ids=RECORDED)
def test_it_records(follow: ModuleType, record: Any, deployments: Any, more: dict[str, Any], expected: Any) -> None:
    decided = follow.decide(facts(follow, record, deployments, more))

    assert decided.action in {"write", "explain"}
    assert (decided.record.state, decided.record.running, decided.record.reason) == expected
    assert (decided.record.image, decided.record.version) == (NEW, 2)
    assert decided.action == "write" or expected[0] == "not-healthy"


LEFT = {
    "a deployment in progress": (last("deploying"), [new("IN_PROGRESS", running=0), behind(old())], {}),
    "a complete deployment whose old tasks still run": (last("deploying"), [new("COMPLETED"), behind(old())], {}),
    "a deployment without a rolloutState beside another one": (last("deploying"), [new(""), behind(old(""))], {}),
    "a recorded success": (last("running", running=NEW), [new("COMPLETED")], {}),
    "a recorded success that is deployed once more by hand": (
        last("running", running=NEW),
        [new("IN_PROGRESS", running=0, id="9"), behind(new("COMPLETED"))],
        {},
    ),
    "a recorded success that is still deployed once more after 30 minutes": (
        last("running", running=NEW),
        [new("IN_PROGRESS", running=0, id="9"), behind(new("COMPLETED"))],
        {"now": LATER},
    ),
    "a recorded failure whose task and deployment are no longer listed": (FAILED, [old()], {}),
    "a recorded failure whose history has other words": (FAILED, [old()], {"attempts": [attempt("ROLLBACK_FAILED")]}),
    "a recorded failure for lack of room, with a newer event": (
        last("not-healthy", reason=f"{LATE} Older event."),
        [new("IN_PROGRESS", running=0), behind(old())],
        {"now": LATER, "recorded": BEFORE, "trouble": "Newer event."},
    ),
    "another image by hand that isn't complete": (
        last("deploying"),
        [HAND | {"state": "IN_PROGRESS"}, behind(old())],
        {},
    ),
    "a deployment that is gone, although ECS says that it is in progress": (
        last("deploying", deployment=None),
        [old()],
        {"attempts": [attempt("IN_PROGRESS")]},
    ),
    "a recorded change by hand": (last("changed", running=OTHER), [HAND], {"attempts": OVERTAKEN}),
}


@pytest.mark.parametrize(("record", "deployments", "more"), LEFT.values(), ids=LEFT)
def test_it_does_nothing(follow: ModuleType, record: Any, deployments: Any, more: dict[str, Any]) -> None:
    assert follow.decide(facts(follow, record, deployments, more)).action == "nothing"
