"""Watches a service during a deployment. If the first one fails, CloudFormation deletes the service."""

from dataclasses import dataclass, field
from typing import Any

from auto_deploy.failures import Explanation, Task, explained, last_failed, printable
from botocore.exceptions import BotoCoreError, ClientError

CONTAINER = "service"
TELLING = ("unable", "failed")
"""Words in the events that explain why a deployment doesn't progress."""
EVENTS = 3


@dataclass(frozen=True)
class Seen:
    """A service as ECS describes it: its image, deployments, events (newest first) and stopped tasks."""

    image: str | None = None
    deployments: frozenset[str] = frozenset()
    events: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)

    def and_then(self, newer: "Seen") -> "Seen":
        """This with what was seen later. It keeps what ECS no longer describes."""
        return Seen(
            newer.image,
            self.deployments | newer.deployments,
            newer.events | self.events,
            self.tasks | newer.tasks,
        )

    def since(self, before: "Seen") -> "Seen":
        """Only what is new: events, and deployments with their tasks.

        For an hour, ECS also lists the tasks of a deleted service of the same name.
        """
        # assumes: stopped-tasks-listed
        deployments = self.deployments - before.deployments
        events = {name: text for name, text in self.events.items() if name not in before.events}
        tasks = {arn: task for arn, task in self.tasks.items() if task.get("startedBy") in deployments}
        return Seen(self.image, deployments, events, tasks)

    def why_it_failed(self, client: Any, service: str) -> Explanation:
        """ECS's events about failures, and how the last failed task ended."""
        events = [text for text in self.events.values() if any(word in text for word in TELLING)][:EVENTS]
        facts = {"event": printable("; ".join(reversed(events)))} if events else {}
        task = last_failed(list(self.tasks.values()))
        why = explained(client, task, CONTAINER, service) if task else Explanation({})
        return Explanation(facts | why.facts, why.lines)


def look(ecs: Any, service: str) -> Seen:
    """The service now, or an empty `Seen` if it doesn't exist. Its cluster has the same name.

    Raises:
        ClientError: ECS refuses to describe it.
        BotoCoreError: ECS doesn't answer.
    """
    try:
        found = ecs.describe_services(cluster=service, services=[service])["services"]
        arns = (
            ecs.list_tasks(cluster=service, serviceName=service, desiredStatus="STOPPED")["taskArns"] if found else []
        )
        tasks = ecs.describe_tasks(cluster=service, tasks=arns)["tasks"] if arns else []
    except (ecs.exceptions.ClusterNotFoundException, ecs.exceptions.ServiceNotFoundException):
        return Seen()
    if not found:
        return Seen()
    (described,) = found
    image = image_of(ecs, described["taskDefinition"]) if described["status"] == "ACTIVE" else None
    return Seen(
        image,
        frozenset(each["id"] for each in described["deployments"]),
        {each["id"]: each["message"] for each in described["events"]},
        {each["taskArn"]: each for each in tasks},
    )


def image_of(ecs: Any, task_definition: str) -> str | None:
    """The image of a task definition's container. None if there is no container of that name."""
    containers = ecs.describe_task_definition(taskDefinition=task_definition)["taskDefinition"]["containerDefinitions"]
    return next((each["image"] for each in containers if each["name"] == CONTAINER), None)


def look_if_possible(ecs: Any, service: str, before: Seen) -> Seen:
    """The earlier sightings, with ECS's present answer if there is one."""
    try:
        return before.and_then(look(ecs, service))
    except (BotoCoreError, ClientError):
        return before
