"""What makes an ECS service follow the parameter: the task definition that it registers, and when it deploys."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.examples.support.cloud import LEDGER, PARAMETER, Cloud, Crash, uri, work
from tests.examples.support.ecs import CLUSTER, CONTAINER, SERVICE
from tests.examples.support.loading import loaded
from tests.support.stack import event

OLD, NEW = uri("1"), uri("2")
UNHEALTHY = ("Task failed container health checks", 137)
DEFINITION: dict[str, Any] = {
    "family": "app",
    "requiresCompatibilities": ["FARGATE"],
    "networkMode": "awsvpc",
    "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
    "cpu": "256",
    "memory": "512",
    "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
    "containerDefinitions": [
        {"name": "sidecar", "image": "public.ecr.aws/sidecar:1", "essential": False},
        {"name": CONTAINER, "image": OLD, "environment": [{"name": "A", "value": "1"}]},
    ],
}


@pytest.fixture
def cloud() -> Cloud:
    """A service that runs the old image, which the parameter names."""
    cloud = Cloud()
    cloud.ecs.create(DEFINITION)
    work(cloud, 8)
    cloud.clock.passes(minutes=1)
    cloud.record(OLD)
    cloud.ssm.put(LEDGER, '{"state": "new"}')
    return cloud


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch, cloud: Cloud) -> Iterator[ModuleType]:
    """The function, as Lambda loads it."""
    names = {"CLUSTER": CLUSTER, "SERVICE": SERVICE, "CONTAINER": CONTAINER, "PARAMETER": PARAMETER, "LEDGER": LEDGER}
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    module = loaded(monkeypatch, "follow", "auto_deploy")
    monkeypatch.setattr(module, "client", cloud.client)
    return module


def handle(function: ModuleType) -> None:
    """Gives the function one event of each kind, as one batch of its queue."""
    function.handler(event("follow-queue"), None)


def deployed(cloud: Cloud) -> dict[str, Any]:
    """The task definition that the service has."""
    assert cloud.ecs.service
    return cloud.ecs.definitions[cloud.ecs.service.primary.definition]


def image(cloud: Cloud) -> str:
    """The image in it."""
    return str(deployed(cloud)["containerDefinitions"][1]["image"])


def test_the_service_gets_its_own_task_definition_with_the_image_that_the_parameter_names(
    function: ModuleType, cloud: Cloud
) -> None:
    before = deployed(cloud)
    cloud.record(NEW)

    handle(function)

    after = deployed(cloud)
    assert after["revision"] == before["revision"] + 1
    assert [each["image"] for each in after["containerDefinitions"]] == ["public.ecr.aws/sidecar:1", NEW]
    for kept in DEFINITION.keys() - {"containerDefinitions"}:
        assert after[kept] == before[kept], kept
    assert after["containerDefinitions"][1]["environment"] == [{"name": "A", "value": "1"}]


def test_a_batch_of_messages_is_one_look(function: ModuleType, cloud: Cloud) -> None:
    cloud.record(NEW)

    handle(function)

    assert len(event("follow-queue")["Records"]) > 1
    assert cloud.count("describe_services") == cloud.count("update_service") == 1


def test_what_is_deployed_or_runs_already_is_not_deployed_again(function: ModuleType, cloud: Cloud) -> None:
    handle(function)  # the first look: the service runs what the parameter names
    cloud.record(NEW)
    for _ in range(3):
        handle(function)
        work(cloud, 8)

    assert cloud.count("update_service") == 1


def test_an_image_that_ecs_gave_up_is_not_deployed_again(function: ModuleType, cloud: Cloud) -> None:
    cloud.ecs.health[NEW] = UNHEALTHY
    cloud.record(NEW)
    handle(function)
    work(cloud, 8)

    handle(function)

    assert (image(cloud), cloud.count("update_service")) == (OLD, 1)


def test_an_image_that_ecs_gave_up_is_deployed_again_if_somebody_puts_it_into_the_parameter_again(
    function: ModuleType, cloud: Cloud
) -> None:
    cloud.ecs.health[NEW] = UNHEALTHY
    cloud.record(NEW)
    handle(function)
    work(cloud, 8)
    handle(function)
    cloud.clock.passes(minutes=1)

    cloud.record(NEW)
    handle(function)

    assert (image(cloud), cloud.count("update_service")) == (NEW, 2)


def test_a_run_that_ended_after_the_deployment_does_not_deploy_again(function: ModuleType, cloud: Cloud) -> None:
    cloud.ecs.health[NEW] = UNHEALTHY
    cloud.record(NEW)
    cloud.crash_at = ("update_service", True)
    with pytest.raises(Crash):
        handle(function)
    cloud.crash_at = None
    work(cloud, 8)  # ECS gives the image up meanwhile

    handle(function)

    assert (image(cloud), cloud.count("update_service")) == (OLD, 1)
    assert '"state": "not-healthy"' in cloud.ledger()[-1]


def test_the_tags_of_the_task_definition_stay_except_those_that_only_aws_may_set(
    function: ModuleType, cloud: Cloud
) -> None:
    own = {"key": "team", "value": "pizza"}
    deployed(cloud)["tags"] = [own, {"key": "aws:cloudformation:stack-id", "value": "1"}]
    cloud.record(NEW)

    handle(function)

    assert (image(cloud), deployed(cloud)["tags"]) == (NEW, [own])


def test_a_container_of_another_name_is_told_by_the_names_that_are_there(
    function: ModuleType, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTAINER", "api")
    cloud.record(NEW)

    with pytest.raises(LookupError, match="app has no container api, but sidecar, web"):
        handle(function)


@pytest.mark.parametrize("has_cluster", [True, False], ids=["no service", "no cluster"])
def test_without_a_service_the_record_says_so_and_nothing_fails(
    function: ModuleType, cloud: Cloud, has_cluster: bool
) -> None:
    cloud.ecs.service, cloud.ecs.has_cluster = None, has_cluster

    handle(function)

    assert "There is no such ECS service." in cloud.ledger()[-1]


def test_a_service_that_was_made_again_gets_the_image(function: ModuleType, cloud: Cloud) -> None:
    cloud.record(NEW)
    cloud.ecs.service = None
    handle(function)
    cloud.ecs.create(DEFINITION)

    handle(function)

    assert image(cloud) == NEW


def test_without_a_parameter_nothing_is_deployed_or_recorded(function: ModuleType, cloud: Cloud) -> None:
    cloud.ssm.delete(PARAMETER)

    handle(function)

    assert len(cloud.ledger()) == 1
    assert cloud.count("update_service") == 0


@pytest.mark.parametrize("operation", ["get_parameter", "describe_services", "list_service_deployments"])
def test_what_aws_refuses_fails_so_that_the_messages_come_again(
    function: ModuleType, cloud: Cloud, operation: str
) -> None:
    cloud.record(NEW)
    cloud.refused[operation] = "AccessDeniedException"

    with pytest.raises(ClientError):
        handle(function)

    cloud.refused.clear()
    cloud.is_answering = False
    with pytest.raises(BotoCoreError):
        handle(function)


def test_a_service_that_is_not_deployed_with_rolling_updates_is_refused(function: ModuleType, cloud: Cloud) -> None:
    assert cloud.ecs.service
    cloud.ecs.service.deployments.clear()

    with pytest.raises(LookupError, match="rolling updates"):
        handle(function)


def test_after_a_failed_update_of_its_stack_the_service_gets_the_healthy_image_back_from_the_parameter(
    function: ModuleType, cloud: Cloud
) -> None:
    """OLD is CloudFormation's, HEALTHY auto-deploy's; FAILING was given up; then deploy.sh tried FAILING again."""
    healthy, failing = uri("a"), uri("b")
    cloud.ecs.health[failing] = UNHEALTHY
    for each in (healthy, failing):
        cloud.clock.passes(minutes=1)
        cloud.record(each)
        handle(function)
        work(cloud, 8)
    assert image(cloud) == healthy
    cloud.ecs.begin(next(iter(cloud.ecs.definitions)))  # CloudFormation puts back its own last revision

    cloud.clock.passes(minutes=1)
    cloud.record(healthy)  # the command that deploy.sh prints
    handle(function)

    assert image(cloud) == healthy
