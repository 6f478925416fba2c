"""The parameter names an image again while ECS still deploys it, or rolls it back."""

import json
from types import ModuleType
from typing import Any

import pytest

from tests.examples.support.cloud import LEDGER, PARAMETER, Cloud, uri
from tests.examples.support.ecs import CLUSTER, CONTAINER, SERVICE
from tests.examples.support.facts import BEFORE, attempt, facts, last
from tests.examples.support.facts import old as older
from tests.examples.support.loading import loaded

OLD, NEW = uri("1"), uri("2")
DEFINITION = {"family": "app", "containerDefinitions": [{"name": CONTAINER, "image": OLD}]}


@pytest.fixture
def follow(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The function's modules."""
    return loaded(monkeypatch, "follow", "auto_deploy")


@pytest.fixture
def cloud(follow: ModuleType) -> Cloud:
    """A service that runs the old image, and deploys the new one, whose task has failed once."""
    cloud = Cloud()
    cloud.ecs.create(DEFINITION)
    work(cloud, 3)
    cloud.clock.passes(minutes=1)
    cloud.ecs.health[NEW] = ("Essential container in task exited", 3)
    cloud.record(NEW)
    look(follow, cloud)
    work(cloud, 1)
    return cloud


def work(cloud: Cloud, steps: int) -> None:
    """ECS works."""
    for _ in range(steps):
        cloud.clock.passes(seconds=20)
        cloud.ecs.work()


def look(follow: ModuleType, cloud: Cloud) -> dict[str, Any]:
    """The function looks. Returns the last record."""
    follow.follow(cloud.client, follow.Place(CLUSTER, SERVICE, CONTAINER, PARAMETER, LEDGER), cloud.clock.now)
    found: dict[str, Any] = json.loads(cloud.ledger()[-1])
    return found


def test_ecs_s_verdict_on_the_deployment_counts_for_the_new_version(follow: ModuleType, cloud: Cloud) -> None:
    cloud.record(NEW)
    assert (look(follow, cloud)["state"], look(follow, cloud)["version"]) == ("deploying", 2)
    work(cloud, 8)

    record = look(follow, cloud)

    assert (record["state"], record["version"], record["exitCode"]) == ("not-healthy", 2, "3")
    assert cloud.count("update_service") == 1


def test_an_image_that_ecs_rolls_back_is_deployed_again(follow: ModuleType, cloud: Cloud) -> None:
    work(cloud, 2)
    assert cloud.ecs.given_up
    assert cloud.ecs.given_up[0].history == "ROLLBACK_IN_PROGRESS"
    cloud.record(NEW)

    assert look(follow, cloud)["state"] == "deploying"
    assert cloud.count("update_service") == 2


def test_the_older_deployment_s_end_is_no_verdict_while_ecs_does_not_show_the_new_one(follow: ModuleType) -> None:
    earlier = attempt("ROLLBACK_IN_PROGRESS", created=BEFORE)

    decided = follow.decide(facts(follow, last("deploying"), [older()], {"attempts": [earlier]}))

    assert decided.action == "nothing"
