"""What `ship logs --app` prints: the log of the ECS service's newest task."""

from collections.abc import Callable
from typing import Any

import pytest

from ship.asked import Asked
from ship.aws.errors import in_words
from ship.deployments.task_log import IDLE_LOOKS, TaskLog
from ship.outcomes import INTERRUPTED
from ship.problem import Problem
from ship.terminal import Terminal
from tests.unit.ship.support.ecs import OTHER, RECORDED, Ecs
from tests.unit.ship.support.world import SERVICE, STACK, Capsys, World

LOG = {"logGroupName": "/ecs/hello", "logStreamName": "service/service/task0"}


@pytest.fixture
def ecs(world: World) -> Ecs:
    """A service without a task."""
    return Ecs(world)


def interrupt() -> None:
    """Ctrl-C while it waits."""
    raise KeyboardInterrupt


def show(world: World, *steps: Callable[[], object], follow: bool = False) -> int:
    """Runs `ship logs --app`, while these steps happen one after the other, and then Ctrl-C."""
    world.steps = [*steps, interrupt]
    return TaskLog(Asked(world.access, STACK), Terminal(), world.next).show(follow=follow)


def test_the_last_lines_of_the_newest_task_are_printed(world: World, ecs: Ecs, capsys: Capsys) -> None:
    ecs.runs(RECORDED, OTHER)
    world.log += ["one", "::error::x"]

    assert show(world) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == ["one", ": :error::x"]
    assert err == "The log of task0, the newest of 2 tasks:\n"
    assert world.wire.of("GetLogEvents") == [LOG | {"limit": 100}]


def test_followed_it_prints_each_new_line_until_ctrl_c(world: World, ecs: Ecs, capsys: Capsys) -> None:
    ecs.runs(RECORDED)
    world.log.append("one")

    lines = (lambda: world.log.extend(["two", "three", "four", "five"]), lambda: world.log.append("six"))
    assert show(world, *lines, follow=True) == INTERRUPTED
    out, err = capsys.readouterr()
    assert out.splitlines() == ["one", "two", "three", "four", "five", "six"]
    assert err == "The log of task0, the only task:\n"


def test_followed_it_goes_on_with_the_task_that_replaces_the_first(world: World, ecs: Ecs, capsys: Capsys) -> None:
    ecs.runs(RECORDED)
    world.log.append("one")
    newer = ecs.task(0, OTHER) | {"taskArn": "arn:aws:ecs:us-east-1:1:task/x/newer"}

    def replaced() -> None:
        ecs.answers("DescribeTasks", {"tasks": [newer]})

    assert show(world, replaced, *[lambda: None] * IDLE_LOOKS, follow=True) == INTERRUPTED
    assert "The log of newer, the only task:\n" in capsys.readouterr().err
    assert world.wire.of("GetLogEvents")[-1]["logStreamName"] == "service/service/newer"


def test_a_task_that_has_printed_nothing_says_so(world: World, ecs: Ecs, capsys: Capsys) -> None:
    ecs.runs(RECORDED)
    world.refuses("GetLogEvents", "ResourceNotFoundException")

    assert show(world) == 0
    assert capsys.readouterr().err.endswith("The task has printed nothing yet.\n")


def test_without_a_service_it_says_so(world: World) -> None:
    with pytest.raises(Problem, match=f"There is no ECS service {SERVICE} in the cluster {SERVICE}"):
        show(world)


def test_without_a_task_it_says_how_to_see_why(world: World, ecs: Ecs) -> None:
    ecs.runs(defined=RECORDED)

    with pytest.raises(Problem, match="No task of the ECS service") as problem:
        show(world)
    assert f"ship status --stack {STACK.name}" in problem.value.to_do


@pytest.mark.parametrize(
    "log",
    [
        {},
        {"logDriver": "splunk", "options": {"awslogs-group": "x"}},
        {"logDriver": "awslogs", "options": {"awslogs-group": "x"}},
    ],
)
def test_a_container_that_logs_elsewhere_is_named(world: World, ecs: Ecs, log: dict[str, Any]) -> None:
    ecs.log = log
    ecs.runs(RECORDED)

    with pytest.raises(Problem, match=r"The container service of the ECS service .* doesn't log to CloudWatch"):
        show(world)


@pytest.mark.parametrize("action", ["ecs:DescribeServices", "ecs:ListTasks", "logs:GetLogEvents"])
def test_the_permission_that_is_missing_is_named(world: World, ecs: Ecs, action: str) -> None:
    ecs.runs(RECORDED)
    world.denies(action.partition(":")[2], action)

    with pytest.raises(Problem, match=f"You lack a permission: {action}"), in_words():
        show(world)
