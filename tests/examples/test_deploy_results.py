"""What deploy.sh says once it has deployed, and what it sees in ECS meanwhile."""

from typing import Any

import pytest

from tests.examples.support.world import NEW, NEWER, OLD, World


def test_a_service_that_stays_on_its_old_image_is_a_problem_whatever_the_stack_says(world: World) -> None:
    world.can_deploy("UPDATE_COMPLETE", before=OLD, after=OLD)

    problem = world.run()

    assert f"service:   {OLD}\n" in problem
    assert f"parameter: {NEW}\n" in problem
    assert "update-service --region us-east-1 --cluster app --service app --task-definition app" in problem


@pytest.mark.parametrize("running", [NEW, NEWER])
def test_a_newer_image_that_is_recorded_meanwhile_is_no_problem(
    world: World, capsys: pytest.CaptureFixture[str], running: str
) -> None:
    world.can_deploy("UPDATE_COMPLETE", before=OLD, after=running, named=NEWER)

    assert world.run() == ""

    assert capsys.readouterr().out == f"The service runs {running}\n"


class Failing:
    """A deployment that fails while ECS is watched: its task ends with 3, and then the stack has this status."""

    def __init__(self, world: World, *, status: str, before: str | None, after: str | None) -> None:
        watch = world.deploy.watch
        old = watch.Seen(before, frozenset({"ecs-svc/1"}), {"0": "(service app) deployment failed last year."})
        event = {"1": "(service app) (deployment ecs-svc/2) deployment failed: tasks failed to start."}
        self.new = watch.Seen(after, frozenset({"ecs-svc/2"}), event | {"2": "(service app) has begun."}, TASKS)
        self.seen = world.folder / "seen"
        looks = iter([old, watch.Seen(after)])
        world.monkeypatch.setattr(watch, "look", lambda *_: next(looks))
        world.monkeypatch.setattr(watch, "look_if_possible", self.look)
        world.monkeypatch.setattr(world.deploy, "LOOK_SECONDS", 0.01)
        world.sam(f'until [ -e "{self.seen}" ]; do :; done; exit 1')
        world.names(NEW)
        world.has_stack("CREATE_COMPLETE")
        world.stubs["iam"].add_client_error("create_service_linked_role", "InvalidInput")
        definition = {"taskDefinition": {"containerDefinitions": [{"name": "service"}]}}
        world.stubs["ecs"].add_response("describe_task_definition", definition, {"taskDefinition": "app:2"})
        world.has_stack(status)
        # The task names no image, so neither of the two is asked.
        original, unused = World.client, {"ecr": None, "codebuild": None}
        world.monkeypatch.setattr(
            World, "client", lambda self, name: unused[name] if name in unused else original(self, name)
        )

    def look(self, _ecs: Any, _service: str, before: Any) -> Any:
        """Sees the new, and lets SAM CLI end."""
        self.seen.touch()
        return before.and_then(self.new)


STOPPED = {
    "stoppedAt": 1,
    "stoppedReason": "Essential container in task exited",
    "taskDefinitionArn": "app:2",
    "containers": [{"name": "service", "exitCode": 3}],
}
TASKS = {
    "new": {**STOPPED, "taskArn": "new", "startedBy": "ecs-svc/2"},
    "old": {**STOPPED, "taskArn": "old", "startedBy": "ecs-svc/1", "stoppedAt": 2, "containers": []},
}


def test_a_failed_deployment_names_its_cause(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    Failing(world, status="UPDATE_ROLLBACK_COMPLETE", before=OLD, after=OLD)

    assert world.run() == f"The service still runs {OLD}"

    assert capsys.readouterr().err == (
        "\nThe deployment failed.\n"
        "event: (service app) (deployment ecs-svc/2) deployment failed: tasks failed to start.\n"
        "task: Essential container in task exited\n"
        "exitCode: 3\n\n"
    )


def test_after_a_failed_deployment_the_image_that_was_healthy_can_be_put_back(world: World) -> None:
    """The service followed the parameter to another image, which CloudFormation knows nothing about."""
    Failing(world, status="UPDATE_ROLLBACK_COMPLETE", before=NEWER, after=OLD)

    problem = world.run()

    assert f"before: {NEWER}\n" in problem
    assert "aws ssm put-parameter --region us-east-1 --overwrite --name /app/image-uri" in problem
    assert problem.rstrip().endswith(f"--value {NEWER}")


def test_a_failed_first_deployment_is_offered_for_deletion(world: World) -> None:
    Failing(world, status="ROLLBACK_COMPLETE", before=None, after=None)

    assert "is in the state ROLLBACK_COMPLETE" in world.run()


# --- What ECS says meanwhile ----------------------------------------------------------------------------------------


def test_what_was_seen_stays_when_cloudformation_removes_it(world: World) -> None:
    watch = world.deploy.watch
    seen = watch.Seen("image", frozenset({"a"}), {"1": "event"}, {"task": {"startedBy": "a"}})

    assert seen.and_then(watch.Seen()) == watch.Seen(None, seen.deployments, seen.events, seen.tasks)


def test_the_tasks_of_an_older_service_of_the_same_name_are_not_new(world: World) -> None:
    """ECS lists them for an hour after the service is deleted, and then `before` knows nothing of its deployments."""
    watch = world.deploy.watch
    tasks = {"old": {"startedBy": "deleted"}, "new": {"startedBy": "a"}}
    seen = watch.Seen("image", frozenset({"a"}), {}, tasks)

    assert seen.since(watch.Seen()).tasks == {"new": {"startedBy": "a"}}


def test_a_look_that_ecs_refuses_is_left_out(world: World) -> None:
    watch = world.deploy.watch
    seen = watch.Seen("image")
    world.stubs["ecs"].add_client_error("describe_services", "ThrottlingException")

    assert watch.look_if_possible(world.client("ecs"), "app", seen) is seen


@pytest.mark.parametrize("code", ["ClusterNotFoundException", "ServiceNotFoundException"])
def test_a_service_that_is_not_there_yet_is_nothing(world: World, code: str) -> None:
    world.stubs["ecs"].add_client_error("describe_services", code)

    assert world.deploy.watch.look(world.client("ecs"), "app") == world.deploy.watch.Seen()


@pytest.mark.parametrize(("status", "image"), [("ACTIVE", OLD), ("INACTIVE", None)])
def test_a_service_runs_the_image_of_its_own_container(world: World, status: str, image: str | None) -> None:
    service = {"status": status, "taskDefinition": "app:1", "deployments": [{"id": "ecs-svc/1"}], "events": []}
    containers = [{"name": "sidecar", "image": "other"}, {"name": "service", "image": OLD}]
    stub = world.stubs["ecs"]
    stub.add_response("describe_services", {"services": [service]}, {"cluster": "app", "services": ["app"]})
    asked = {"cluster": "app", "serviceName": "app", "desiredStatus": "STOPPED"}
    stub.add_response("list_tasks", {"taskArns": []}, asked)
    if image:
        answer = {"taskDefinition": {"containerDefinitions": containers}}
        stub.add_response("describe_task_definition", answer, {"taskDefinition": "app:1"})

    seen = world.deploy.watch.look(world.client("ecs"), "app")

    assert (seen.image, seen.deployments) == (image, {"ecs-svc/1"})
