"""ECS may answer for a while with what the service was before: nothing is decided from that."""

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from tests.examples.support.facts import (
    BEFORE,
    HAND,
    LATER,
    NEW,
    NOW,
    OF_OLD,
    OLD,
    OTHER,
    OVERTAKEN,
    attempt,
    deployment,
    facts,
    last,
    new,
    old,
)

MINUTE = timedelta(minutes=1)

LEFT = {
    "from before the deployment that was begun": (last("deploying"), [old()], {}),
    "from before it, although the history already has it": (
        last("deploying"),
        [old()],
        {"attempts": [attempt("SUCCESSFUL")]},
    ),
    "from before a deployment that runs": (last("running", running=NEW), [old()], {}),
    "from before the image was deployed again, after another one had overtaken its last deployment": (
        last("deploying"),
        [deployment(OTHER, "COMPLETED", created=BEFORE + MINUTE)],
        {"attempts": [attempt("STOPPED", created=BEFORE), attempt("", of_new=False, created=BEFORE + MINUTE)]},
    ),
    "from before the image was deployed again, while its last deployment had failed": (
        last("deploying"),
        [new("FAILED", running=0, created=BEFORE, id="0")],
        {},
    ),
    "from before another image was deployed, while this one still ran": (
        OF_OLD | {"state": "deploying"},
        [new("COMPLETED", created=BEFORE)],
        {},
    ),
}


@pytest.mark.parametrize(("record", "deployments", "more"), LEFT.values(), ids=LEFT)
def test_an_answer_changes_nothing(follow: ModuleType, record: Any, deployments: Any, more: dict[str, Any]) -> None:
    assert follow.decide(facts(follow, record, deployments, more)).action == "nothing"


CHANGED = {
    "another image's deployment began after the record": (last("deploying"), [HAND], {}, OTHER),
    "it began before the record, but after the image's own deployment": (
        last("running", running=NEW),
        [HAND],
        {"attempts": [attempt("SUCCESSFUL"), OVERTAKEN[1]], "recorded": NOW},
        OTHER,
    ),
    "ECS hasn't shown the image's deployment for 30 minutes": (last("deploying"), [old()], {"now": LATER}, OLD),
}


@pytest.mark.parametrize(("record", "deployments", "more", "runs"), CHANGED.values(), ids=CHANGED)
def test_a_change_by_hand_is_recorded_if(
    follow: ModuleType, record: Any, deployments: Any, more: dict[str, Any], runs: str
) -> None:
    decided = follow.decide(facts(follow, record, deployments, more))

    assert (decided.action, decided.record.state, decided.record.running) == ("write", "changed", runs)
