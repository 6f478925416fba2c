"""ECS: the service that runs the recorded image, its task definition, its tasks, and their log."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ship.aws import cloudformation
from ship.aws.access import Access
from ship.aws.cloudformation import Stack
from ship.aws.errors import is_refusal

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ContainerDefinitionOutputTypeDef, ServiceTypeDef, TaskTypeDef

MOST_TASKS = 100
"""The most tasks that DescribeTasks takes, and ListTasks lists in a page."""


@dataclass(frozen=True)
class Place:
    """Where the service is: its cluster's name and its own."""

    cluster: str
    service: str

    def __str__(self) -> str:
        """The place in words."""
        return f"ECS service {self.service} in the cluster {self.cluster}"


@dataclass(frozen=True)
class Log:
    """A container's log group, and the stream of one of its tasks."""

    group: str
    stream: str


@dataclass(frozen=True)
class Container:
    """The container that runs the image, by the service's task definition. `log_group` is empty without awslogs."""

    name: str
    image: str
    log_group: str
    log_prefix: str

    def log_of(self, task: "TaskTypeDef") -> Log:
        """The log of one of the service's tasks.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html
        """
        return Log(self.log_group, f"{self.log_prefix}/{self.name}/{id_of(task)}")


def auto_deploy_stack(stack: Stack) -> str:
    """The name of the stack that examples/ecs-service/auto-deploy.sh deploys."""
    return f"{stack.service}-auto-deploy"


def place(access: Access, stack: Stack) -> Place:
    """Where the service is: as auto-deploy's stack says, or else named after the stack's service."""
    try:
        found = cloudformation.one(access, auto_deploy_stack(stack))
    except ClientError as error:
        if not is_refusal(error):
            raise
        found = None
    given = cloudformation.parameters_of(found) if found else {}
    return Place(given.get("ClusterName") or stack.service, given.get("EcsServiceName") or stack.service)


def find(access: Access, place: Place) -> "ServiceTypeDef | None":
    """The service. None if there is none.

    Raises:
        ClientError: AWS refuses.
    """
    client = access.ecs
    try:
        found = client.describe_services(cluster=place.cluster, services=[place.service])["services"]
    except client.exceptions.ClusterNotFoundException:
        return None
    return next((each for each in found if each["status"] == "ACTIVE"), None)


def container(access: Access, service: "ServiceTypeDef", stack: Stack) -> Container | None:
    """The container with the stack's image in the task definition of the primary deployment, or else the first one."""
    primary = next((each for each in service.get("deployments", []) if each.get("status") == "PRIMARY"), None)
    arn = primary["taskDefinition"] if primary else service["taskDefinition"]
    containers = access.ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]["containerDefinitions"]
    ours = (
        each
        for each in containers
        if each["image"].startswith((f"{stack.repository_uri}@", f"{stack.repository_uri}:"))
    )
    found = next(ours, containers[0] if containers else None)
    return container_of(found) if found else None


def container_of(defined: "ContainerDefinitionOutputTypeDef") -> Container:
    """The container in its definition."""
    log = defined.get("logConfiguration")
    options = log.get("options", {}) if log and log["logDriver"] == "awslogs" else {}
    prefix = options.get("awslogs-stream-prefix", "")
    return Container(defined["name"], defined["image"], options.get("awslogs-group", "") if prefix else "", prefix)


def running_tasks(access: Access, place: Place) -> "list[TaskTypeDef]":
    """The service's running tasks, the newest first, at most a hundred."""
    client = access.ecs
    arns = client.list_tasks(cluster=place.cluster, serviceName=place.service, desiredStatus="RUNNING")["taskArns"]
    if not arns:
        return []
    tasks = client.describe_tasks(cluster=place.cluster, tasks=arns[:MOST_TASKS])["tasks"]
    running = [each for each in tasks if each["lastStatus"] == "RUNNING"]
    return sorted(running, key=lambda task: str(task.get("startedAt", "")), reverse=True)


def images(tasks: "Sequence[TaskTypeDef]", container: str) -> Counter[str]:
    """The image of each task's container, and in how many tasks it runs: its digest, or its name if ECS says none."""
    found = (each for task in tasks for each in task["containers"] if each["name"] == container)
    return Counter(digest_of(each["image"]) or each.get("imageDigest") or each["image"] for each in found)


def digest_of(image: str) -> str:
    """An image's digest. Empty if its name has none."""
    return image.partition("@")[2]


def id_of(task: "TaskTypeDef") -> str:
    """A task's id."""
    return task["taskArn"].rpartition("/")[2]


def unplaced(service: "ServiceTypeDef", since: datetime) -> str:
    """ECS's newest message that it has no room for a task. Empty if there is none since then, or if it found room.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
    """
    for event in sorted(service.get("events", []), key=lambda event: event["createdAt"], reverse=True):
        if event["createdAt"] < since or "has reached a steady state" in event["message"]:
            return ""
        if "unable to place" in event["message"]:
            return event["message"]
    return ""
