"""What `ship status` says of the parameter's image, the one that the ECS service should run, and those that it runs."""

import json
from typing import Any

import pytest

from ship.asked import Asked
from ship.terminal import Terminal
from ship.uploads import overview
from tests.unit.ship.support.ecs import OTHER, RECORDED, THIRD, Ecs, digest
from tests.unit.ship.support.world import SERVICE, STACK, Capsys, World, name


@pytest.fixture
def ecs(world: World) -> Ecs:
    """A service whose stack has recorded an image."""
    world.access.ecr.create_repository(repositoryName=STACK.repository)
    name(world.access, RECORDED, "by hand")
    return Ecs(world)


def status(world: World) -> None:
    """Runs `ship status`."""
    overview.of_service(Asked(world.access, STACK), Terminal(), as_json=False)


def shown(world: World, capsys: Capsys) -> list[str]:
    """The lines of `ship status` about the ECS service."""
    status(world)
    lines = capsys.readouterr().out.splitlines()
    first = next((number for number, line in enumerate(lines) if line.startswith("The ECS service ")), len(lines))
    return lines[first : lines.index("Nothing has been built yet.")]


def test_where_the_recorded_image_runs_the_three_are_the_same(world: World, ecs: Ecs, capsys: Capsys) -> None:
    ecs.runs(RECORDED)

    assert shown(world, capsys) == [
        f"The ECS service {SERVICE} in the cluster {SERVICE}:",
        f"  parameter        {digest(RECORDED)}",
        f"  task definition  {digest(RECORDED)}",
        f"  running          {digest(RECORDED)}",
        "  The service runs the parameter's image.",
    ]
    described = world.wire.of("DescribeTaskDefinition")[-1]["taskDefinition"]
    assert described.endswith(f"/{SERVICE}:2")  # the primary deployment's


def test_tasks_of_several_images_are_counted(world: World, ecs: Ecs, capsys: Capsys) -> None:
    ecs.runs(OTHER, RECORDED, OTHER, defined=RECORDED)

    lines = shown(world, capsys)
    assert f"  running          {digest(OTHER)}  2 of 3 tasks" in lines
    assert f"  running          {digest(RECORDED)}  1 of 3 tasks" in lines
    assert lines[-2] == "  The service is replacing its tasks with ones that run the parameter's image."


ABOUT = {"imageUri": RECORDED}
DOCTOR = "To find the cause: ship doctor"


@pytest.mark.parametrize(
    ("record", "running", "words"),
    [
        ({"state": "deploying"} | ABOUT, OTHER, ("The parameter's image is being deployed.", "within 30 minutes")),
        (
            {"state": "not-healthy", "reason": "tasks failed."} | ABOUT,
            OTHER,
            (
                "another image, because the deployment of the parameter's image failed: tasks failed.",
                "ship why",
            ),
        ),
        ({"state": "not-healthy"} | ABOUT, OTHER, ("the deployment of the parameter's image failed", "ship why")),
        ({"state": "changed", "running": THIRD} | ABOUT, THIRD, ("Somebody changed the service by hand", "upload its")),
        ({"state": "running", "imageUri": OTHER}, OTHER, ("The parameter's image isn't being deployed yet.", DOCTOR)),
        ({"state": "new"}, OTHER, ("The parameter's image isn't being deployed yet.", DOCTOR)),
        ({"state": "running"} | ABOUT, OTHER, ("The service doesn't run the parameter's image.", DOCTOR)),
        (None, OTHER, ("doesn't follow the parameter.", f"auto-deploy.sh {SERVICE} {STACK.name}")),
    ],
)
def test_of_a_difference_it_says_why_and_what_to_do(
    ecs: Ecs, capsys: Capsys, record: dict[str, Any] | None, running: str, words: tuple[str, str]
) -> None:
    ecs.runs(running)
    if record:
        ecs.world.follows(**record)

    lines = shown(ecs.world, capsys)
    assert f"  task definition  {digest(running)}" in lines
    assert words[0] in lines[-2]
    assert words[1] in lines[-1]


def test_without_a_task_nothing_runs(world: World, ecs: Ecs, capsys: Capsys) -> None:
    ecs.desired = 0
    ecs.runs(defined=RECORDED)
    world.follows("running", **ABOUT)

    lines = shown(world, capsys)
    assert lines[-3:-1] == ["  running          nothing", "  The service runs no task: its desired count is 0."]
    world.follows("not-healthy", reason="The service's desired count is 0.", **ABOUT)
    assert shown(world, capsys)[-2:] == [
        "  The service runs no task: its desired count is 0.",
        "  Set the desired count.",
    ]


def test_a_service_that_wants_tasks_but_runs_none_says_why(world: World, ecs: Ecs, capsys: Capsys) -> None:
    ecs.runs(defined=RECORDED)
    world.follows("not-healthy", reason="tasks failed.", **ABOUT)

    failed = "The service runs no task, because the deployment of the parameter's image failed: tasks failed."
    assert shown(world, capsys)[-2] == f"  {failed}"


def test_an_image_without_a_digest_in_its_name_has_the_one_that_ecs_pulled(
    world: World, ecs: Ecs, capsys: Capsys
) -> None:
    ecs.runs(f"{STACK.repository_uri}:latest")
    task = ecs.task(0, f"{STACK.repository_uri}:latest")
    for each in task["containers"]:
        each["imageDigest"] = digest(RECORDED)
    ecs.answers("DescribeTasks", {"tasks": [task]})

    assert shown(world, capsys)[-3:] == [
        f"  task definition  {STACK.repository_uri}:latest",
        f"  running          {digest(RECORDED)}",
        "  The service runs the parameter's image.",
    ]


def test_the_service_is_where_the_followers_stack_says(world: World, ecs: Ecs, capsys: Capsys) -> None:
    world.has_stack(f"{SERVICE}-auto-deploy", ClusterName="shop", EcsServiceName="web")
    ecs.runs(RECORDED)

    assert shown(world, capsys)[0] == "The ECS service web in the cluster shop:"
    assert world.wire.of("DescribeServices")[-1] == {"cluster": "shop", "services": ["web"]}
    assert world.wire.of("ListTasks")[-1] == {"cluster": "shop", "serviceName": "web", "desiredStatus": "RUNNING"}


def test_a_stack_that_may_not_be_described_leaves_the_default_names(world: World, ecs: Ecs, capsys: Capsys) -> None:
    world.denies("DescribeStacks", "cloudformation:DescribeStacks")
    ecs.runs(RECORDED)

    assert shown(world, capsys)[0] == f"The ECS service {SERVICE} in the cluster {SERVICE}:"


@pytest.mark.parametrize("operation", ["DescribeServices", "DescribeTaskDefinition", "ListTasks", "DescribeTasks"])
def test_where_a_service_may_not_be_seen_the_permission_is_named_and_the_rest_is_shown(
    world: World, ecs: Ecs, capsys: Capsys, operation: str
) -> None:
    ecs.runs(RECORDED)
    world.follows("running", **ABOUT)
    world.denies(operation, f"ecs:{operation}")

    status(world)
    out, err = capsys.readouterr()
    assert err == f"Warning: You can't see what the ECS service runs without the permission ecs:{operation}.\n"
    assert RECORDED in out
    assert "The ECS service" not in out


def test_where_nothing_follows_a_permission_is_not_missed(world: World, ecs: Ecs, capsys: Capsys) -> None:
    world.denies("DescribeServices", "ecs:DescribeServices")

    status(world)
    assert capsys.readouterr().err == ""


def test_without_a_service_nothing_is_said_of_one(world: World, ecs: Ecs, capsys: Capsys) -> None:
    assert shown(world, capsys) == []
    ecs.answers("DescribeServices", {"services": [ecs.described() | {"status": "INACTIVE"}]})
    assert shown(world, capsys) == []


def test_a_service_that_is_gone_although_something_follows_is_said_to_be(
    world: World, ecs: Ecs, capsys: Capsys
) -> None:
    world.follows("not-healthy", **ABOUT)

    lines = shown(world, capsys)
    assert lines[2:4] == ["  task definition  nothing", "  running          nothing"]
    assert lines[-2:] == [
        "  It doesn't exist, but something follows the parameter for it.",
        f"  Deploy the service again, or delete the stack {SERVICE}-auto-deploy.",
    ]


def test_without_the_permission_to_see_the_record_the_service_is_shown(world: World, ecs: Ecs, capsys: Capsys) -> None:
    world.denies("GetParameter", "ssm:GetParameter")
    ecs.runs(OTHER)

    assert shown(world, capsys)[-2:] == [
        "  The service doesn't run the parameter's image.",
        f"  {DOCTOR} --stack {STACK.name}",
    ]


def test_as_json_the_images_and_the_difference_are_members(world: World, ecs: Ecs, capsys: Capsys) -> None:
    ecs.runs(OTHER)

    overview.of_service(Asked(world.access, STACK), Terminal(), as_json=True)
    found = json.loads(capsys.readouterr().out)["ecsService"]
    assert found.pop("toDo").endswith(f"auto-deploy.sh {SERVICE} {STACK.name}")
    assert found == {
        "cluster": SERVICE,
        "service": SERVICE,
        "parameter": digest(RECORDED),
        "taskDefinition": digest(OTHER),
        "running": [digest(OTHER)],
        "difference": "The service runs another image than the parameter names, and doesn't follow the parameter.",
    }
    ecs.runs(RECORDED)
    overview.of_service(Asked(world.access, STACK), Terminal(), as_json=True)
    assert json.loads(capsys.readouterr().out)["ecsService"]["difference"] is None
