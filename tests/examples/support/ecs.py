"""ECS with one service that it deploys with rolling updates, in memory: it works in steps, when a test says so."""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from tests.examples.support.aws import refused

CLUSTER, SERVICE, CONTAINER = "app-cluster", "app-service", "web"
PREFIX = "arn:aws:ecs:us-east-1:123456789012"
THRESHOLD = 3
"""After so many failed tasks, the circuit breaker ends a deployment."""
OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"


class Clock(Protocol):
    """The time."""

    now: datetime


@dataclass
class Deployment:
    """A deployment: `status` and `state` are ECS's, `history` is the status of the service deployment."""

    id: str
    number: int
    definition: str
    created: datetime
    status: str = "PRIMARY"
    state: str = "IN_PROGRESS"
    reason: str = "in progress"
    running: int = 0
    failed: int = 0
    history: str = "IN_PROGRESS"
    rolls_back: "Deployment | None" = None


@dataclass
class Service:
    """The service; its deployments, the newest first, and the service deployments, which ECS lists for longer."""

    created: datetime
    wanted: int
    deployments: list[Deployment] = field(default_factory=list)
    history: list[Deployment] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    has_breaker: bool = True

    @property
    def primary(self) -> Deployment:
        return next(each for each in self.deployments if each.status == "PRIMARY")


@dataclass
class Ecs:
    """The cluster. `health` says how an image's tasks end, of images that aren't healthy: with a reason and a code."""

    clock: Clock
    service: Service | None = None
    has_cluster: bool = True
    has_room: bool = True
    rolls_back: bool = True
    reuses_ids: bool = False
    """Whether a rollback makes the old deployment primary again, instead of a new one with its task definition."""
    keeps_failed: bool = False
    """Whether a deployment that failed stays listed."""
    health: dict[str, tuple[str, int]] = field(default_factory=dict)
    definitions: dict[str, dict[str, Any]] = field(default_factory=dict)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    given_up: list[Deployment] = field(default_factory=list)
    number: int = 0

    def image(self, deployment: Deployment) -> str:
        """The image of a deployment."""
        containers = self.definitions[deployment.definition]["containerDefinitions"]
        return next((each["image"] for each in containers if each["name"] == CONTAINER), "")

    # --- What people do -----------------------------------------------------------------------------------------------

    def create(self, definition: dict[str, Any], wanted: int = 1) -> None:
        """Somebody creates the service."""
        arn = self.register_task_definition(**definition)["taskDefinition"]["taskDefinitionArn"]
        self.service = Service(self.clock.now, wanted)
        self.begin(arn)

    def begin(self, definition: str) -> Deployment:
        """A new deployment of the service begins, and overtakes one that hasn't ended."""
        assert self.service
        made = self.deployment(definition)
        for each in self.service.deployments:
            each.status = "ACTIVE"
            if each.history in {"IN_PROGRESS", "ROLLBACK_IN_PROGRESS"}:
                each.history = "STOPPED" if each.history == "IN_PROGRESS" else "ROLLBACK_FAILED"
        self.service.deployments.insert(0, made)
        self.service.history.insert(0, made)
        return made

    def deployment(self, definition: str) -> Deployment:
        """A deployment with an id of its own."""
        self.number += 1
        return Deployment(f"ecs-svc/{self.number:019}", self.number, definition, self.clock.now)

    # --- What ECS does ------------------------------------------------------------------------------------------------

    def work(self) -> None:
        """One step towards what the service wants."""
        service = self.service
        if not service:
            return
        primary = service.primary
        image = self.image(primary)
        if service.wanted == 0:
            self.complete(primary)
        elif primary.state == "FAILED":
            return
        elif image in self.health:
            primary.running = 0
            self.fail_task(primary, *self.health[image])
        elif not self.has_room and primary.running < service.wanted:
            message = f"(service {SERVICE}) was unable to place a task."
            service.events.insert(0, {"id": "1", "createdAt": self.clock.now, "message": message})
        elif primary.running != service.wanted:
            primary.running = service.wanted
        elif primary.state == "IN_PROGRESS":
            self.complete(primary)

    def complete(self, primary: Deployment) -> None:
        """The deployment is complete, and the tasks of the others are gone."""
        assert self.service
        primary.state, primary.reason = "COMPLETED", "completed"
        primary.running = min(primary.running, self.service.wanted)
        primary.history = "SUCCESSFUL"
        if primary.rolls_back and primary.rolls_back.history == "ROLLBACK_IN_PROGRESS":
            primary.rolls_back.history = "ROLLBACK_SUCCESSFUL"
        kept = {"FAILED"} if self.keeps_failed else set()
        self.service.deployments = [each for each in self.service.deployments if each is primary or each.state in kept]

    def fail_task(self, deployment: Deployment, reason: str, code: int) -> None:
        """A task fails. The circuit breaker may then give the deployment up."""
        assert self.service
        self.tasks.append(
            {
                "taskArn": f"{PREFIX}:task/{CLUSTER}/{len(self.tasks):032}",
                "taskDefinitionArn": deployment.definition,
                "startedBy": deployment.id,
                "stoppedAt": self.clock.now,
                "stoppedReason": reason,
                "stopCode": "EssentialContainerExited",
                "containers": [{"name": CONTAINER, "image": self.image(deployment), "exitCode": code}],
            }
        )
        deployment.failed += 1
        if deployment.state == "IN_PROGRESS" and deployment.failed >= THRESHOLD and self.service.has_breaker:
            self.give_up(deployment)

    def give_up(self, failed: Deployment) -> None:
        """The circuit breaker ends a deployment, and rolls back if there is one that was complete."""
        assert self.service
        failed.state, failed.reason = "FAILED", "ECS deployment circuit breaker: tasks failed to start."
        failed.history = "STOPPED"
        self.given_up.append(failed)
        back = next((each for each in self.service.deployments if each.state == "COMPLETED"), None)
        if not back or not self.rolls_back:
            return
        failed.history, failed.status = "ROLLBACK_IN_PROGRESS", "ACTIVE"
        if self.reuses_ids:
            back.status = "PRIMARY"
            self.service.deployments.remove(back)
        else:
            back = self.deployment(back.definition)
        back.state, back.rolls_back = "IN_PROGRESS", failed
        self.service.deployments.insert(0, back)

    # --- What the API answers -----------------------------------------------------------------------------------------

    def check(self, cluster: str, service: str = SERVICE) -> None:
        assert (cluster, service) == (CLUSTER, SERVICE)
        if not self.has_cluster:
            raise refused("ecs", "ClusterNotFoundException")
        if not self.service:
            raise refused("ecs", "ServiceNotFoundException")

    def describe_services(self, cluster: str, services: list[str]) -> dict[str, Any]:
        assert (cluster, services) == (CLUSTER, [SERVICE])
        if not self.has_cluster:
            raise refused("ecs", "ClusterNotFoundException")
        described = [self.described()] if self.service else []
        return {"services": described, "failures": [] if described else [{"reason": "MISSING"}]}

    def described(self) -> dict[str, Any]:
        assert self.service
        deployments = [
            {
                "id": each.id,
                "status": each.status,
                "taskDefinition": each.definition,
                "rolloutState": each.state,
                "rolloutStateReason": each.reason,
                "runningCount": each.running,
                "createdAt": each.created,
            }
            for each in self.service.deployments
        ]
        known = {"status": "ACTIVE", "createdAt": self.service.created, "events": self.service.events}
        return known | {"desiredCount": self.service.wanted, "deployments": deployments}

    def describe_task_definition(self, taskDefinition: str, include: tuple[str, ...] = ()) -> dict[str, Any]:  # noqa: N803
        definition = deepcopy(self.definitions[taskDefinition])
        tags = definition.get("tags", []) if include else []
        return {"taskDefinition": {k: v for k, v in definition.items() if k != "tags"}, "tags": tags}

    def register_task_definition(self, **definition: Any) -> dict[str, Any]:
        assert not any(each["key"].startswith("aws:") for each in definition.get("tags", [])), "Only AWS sets these."
        arn = f"{PREFIX}:task-definition/{definition['family']}:{len(self.definitions) + 1}"
        containers = [dict(each) for each in definition["containerDefinitions"]]
        more = {"taskDefinitionArn": arn, "revision": len(self.definitions) + 1, "containerDefinitions": containers}
        self.definitions[arn] = definition | more
        return self.describe_task_definition(arn)

    def update_service(self, cluster: str, service: str, taskDefinition: str) -> dict[str, Any]:  # noqa: N803
        self.check(cluster, service)
        if not (self.service and self.service.primary.definition == taskDefinition):
            self.begin(taskDefinition)
        return {"service": self.described()}

    def list_service_deployments(self, cluster: str, service: str, createdAt: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        self.check(cluster, service)
        assert self.service
        revision = f"{PREFIX}:service-revision/{CLUSTER}/{SERVICE}"
        return {
            "serviceDeployments": [
                {
                    "targetServiceRevisionArn": f"{revision}/{each.number}",
                    "status": each.history,
                    "statusReason": f"the history's words: {each.reason}",
                    "createdAt": each.created,
                }
                for each in self.service.history
                if each.created >= createdAt["after"]
            ]
        }

    def describe_service_revisions(self, serviceRevisionArns: list[str]) -> dict[str, Any]:  # noqa: N803
        assert self.service
        numbers = {int(each.rpartition("/")[2]): each for each in serviceRevisionArns}
        assert len(numbers) <= 20
        return {
            "serviceRevisions": [
                {
                    "serviceRevisionArn": numbers[each.number],
                    "containerImages": [
                        {"containerName": CONTAINER, "imageDigest": self.image(each).partition("@")[2]}
                    ],
                }
                for each in self.service.history
                if each.number in numbers
            ]
        }

    def list_tasks(self, cluster: str, serviceName: str, desiredStatus: str) -> dict[str, Any]:  # noqa: N803
        self.check(cluster, serviceName)
        assert desiredStatus == "STOPPED"
        return {"taskArns": [each["taskArn"] for each in self.tasks]}

    def describe_tasks(self, cluster: str, tasks: list[str]) -> dict[str, Any]:
        assert cluster == CLUSTER
        return {"tasks": [each for each in self.tasks if each["taskArn"] in tasks]}
