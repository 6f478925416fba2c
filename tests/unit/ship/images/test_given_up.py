"""What a rollback and the history do about images that ECS gave up."""

import json

import pytest

from ship.asked import Asked
from ship.aws import ecs
from ship.images import listing, rollback_targets
from ship.images.given_up import given_up
from ship.problem import Problem
from ship.terminal import Terminal
from tests.unit.ship.support.recorded import DIGESTS, FIRST, NEVER, SECOND, THIRD, back, deployed, known, tags
from tests.unit.ship.support.world import STACK, Capsys, World


@pytest.mark.parametrize("given_up", [{SECOND}, {SECOND, NEVER}])
def test_a_rollback_leaves_out_what_ecs_gave_up(given_up: set[str]) -> None:
    found, digests = known(FIRST, SECOND, THIRD), {DIGESTS[tag] for tag in given_up}

    assert rollback_targets.older(found, None, digests) == FIRST
    assert rollback_targets.older(found, SECOND, digests) == SECOND  # asked for
    with pytest.raises(Problem, match="ECS gave up every earlier image"):
        rollback_targets.older(found, None, digests | {DIGESTS[FIRST]})


@pytest.mark.parametrize(
    ("statuses", "is_given_up"),
    [
        (["ROLLBACK_SUCCESSFUL"], True),
        (["ROLLBACK_FAILED"], True),
        (["ROLLBACK_IN_PROGRESS"], True),
        (["SUCCESSFUL"], False),
        (["SUCCESSFUL", "ROLLBACK_SUCCESSFUL"], True),
        (["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"], False),  # what failed was something else
        ([], False),
    ],
)
def test_an_image_is_given_up_whose_newest_deployment_was_rolled_back(
    asked: Asked, statuses: list[str], is_given_up: bool
) -> None:
    digest = tags(asked)[FIRST]
    wire = deployed(asked, *((digest, status) for status in statuses))

    assert ecs.given_up(asked.access, STACK) == ({digest} if is_given_up else set())
    (listing,) = wire.of("ListServiceDeployments")
    assert (listing["cluster"], listing["service"]) == (STACK.service, STACK.service)


@pytest.mark.parametrize("code", ["ClusterNotFoundException", "ServiceNotFoundException"])
def test_without_a_service_of_ecs_nothing_was_given_up(asked: Asked, code: str) -> None:
    deployed(asked, failure=code)

    assert ecs.given_up(asked.access, STACK) == set()


def test_revisions_are_asked_for_twenty_at_a_time(asked: Asked) -> None:
    wire = deployed(asked, *((f"sha256:{number}", "SUCCESSFUL") for number in range(45)))

    ecs.given_up(asked.access, STACK)
    assert [len(each["serviceRevisionArns"]) for each in wire.of("DescribeServiceRevisions")] == [20, 20, 5]


@pytest.mark.parametrize(
    ("states", "is_given_up"),
    [
        (["deploying", "not-healthy"], True),
        (["not-healthy", "deploying"], True),
        (["not-healthy", "running"], False),
        (["running", "not-healthy"], True),
        (["deploying"], False),
        (["changed"], False),
        ([], False),
    ],
)
def test_auto_deploy_s_records_say_whether_an_image_s_last_deployment_failed(
    world: World, asked: Asked, states: list[str], is_given_up: bool
) -> None:
    deployed(asked)
    digest = tags(asked)[FIRST]
    world.follows()
    for state in states:
        world.follows(state, imageUri=f"x@{digest}")
    world.follows("running", imageUri="x@sha256:0")

    assert given_up(asked, Terminal()) == frozenset({digest} if is_given_up else ())


def test_history_marks_what_ecs_gave_up(asked: Asked, capsys: Capsys) -> None:
    deployed(asked, (tags(asked)[FIRST], "SUCCESSFUL"), (tags(asked)[SECOND], "ROLLBACK_SUCCESSFUL"))

    listing.show(asked, Terminal(), 20, as_json=False)
    (marked,) = [line for line in capsys.readouterr().out.splitlines() if line.endswith("given up by ECS")]
    assert SECOND in marked
    listing.show(asked, Terminal(), 20, as_json=True)
    assert [each["isGivenUp"] for each in json.loads(capsys.readouterr().out)] == [True, False]


def test_that_deployments_cannot_be_seen_is_said_and_stops_nothing(asked: Asked, capsys: Capsys) -> None:
    deployed(asked, failure="AccessDeniedException")

    listing.show(asked, Terminal(), 20, as_json=True)
    out, said = capsys.readouterr()
    assert [each["isGivenUp"] for each in json.loads(out)] == [None, None]
    back(asked)
    for warning in (said, capsys.readouterr().err):
        assert "Couldn't check whether ECS gave up one of the images." in warning
        assert "ecs:ListServiceDeployments" in warning


def test_a_rollback_to_what_ecs_gave_up_is_warned_of(asked: Asked, capsys: Capsys) -> None:
    deployed(asked, (tags(asked)[FIRST], "ROLLBACK_SUCCESSFUL"))

    with pytest.raises(Problem, match="ECS gave up every earlier image"):
        back(asked)
    back(asked, FIRST)
    assert f"Warning: The newest deployment of {FIRST} failed." in capsys.readouterr().err
