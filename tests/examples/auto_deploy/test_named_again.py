"""The parameter names an image again while ECS still deploys it, or rolls it back."""

from types import ModuleType

import pytest

from tests.examples.support.cloud import Cloud, look, uri, work
from tests.examples.support.facts import BEFORE, attempt, facts, last
from tests.examples.support.facts import old as older

OLD, NEW = uri("1"), uri("2")


@pytest.fixture
def cloud(follow: ModuleType, cloud: Cloud) -> Cloud:
    """The new image's task has failed once."""
    look(follow, cloud)
    work(cloud, 1)
    return cloud


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
