"""ECS with one service that it deploys with rolling updates, in memory: it works in steps, when a test says so."""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

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
    updated: datetime
    status: str = "PRIMARY"
    state: str = "IN_PROGRESS"
    reason: str = "in progress"
    running: int = 0
    failed: int = 0
    history: str = "IN_PROGRESS"
    rolls_back: "Deployment | None" = None
    ended: datetime | None = None
    """When the service deployment ended."""
    left: datetime | None = None
    """When ECS gave it up, or turned to another one."""
    has_run: bool = False
    """Whether it was complete with tasks."""


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
    restarts: bool = False
    """Whether the tasks of complete deployments end and start again, over and over."""
    rolls_back: bool = True
    reuses_ids: bool = False
    """Whether a rollback makes the old deployment primary again, instead of a new one with its task definition."""
    keeps_failed: bool = False
    """Whether a deployment that failed stays listed."""
    health: dict[str, tuple[str, int]] = field(default_factory=dict)
    definitions: dict[str, dict[str, Any]] = field(default_factory=dict)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    made: list[Deployment] = field(default_factory=list)
    """All deployments, also those that roll others back, and those of services that were deleted."""
    given_up: list[Deployment] = field(default_factory=list)
    number: int = 0
    forgotten: datetime | None = None
    """ECS lists no service deployment from before this time."""
    past: list[tuple[datetime, Service]] = field(default_factory=list)
    """The service before each of its last steps, and until when it was like that."""
    lag: timedelta = timedelta(0)
    """How old the answers are."""

    @property
    def seen(self) -> Service | None:
        """The service as ECS describes it. A service that was deleted or made again is described at once."""
        since = self.clock.now - self.lag
        return next((was for until, was in self.past if until > since and self.is_same(was)), self.service)

    def is_same(self, was: Service) -> bool:
        """Whether that is the present service."""
        return self.service is not None and was.created == self.service.created

    def keep(self) -> None:
        """Keeps the service as it is before a step."""
        if self.service and self.service.deployments:
            deployments, history = (
                [replace(each) for each in listed] for listed in (self.service.deployments, self.service.history)
            )
            was = replace(self.service, deployments=deployments, history=history)
            self.past = [*self.past[-9:], (self.clock.now, was)]

    def image(self, deployment: Deployment) -> str:
        """The image of a deployment."""
        containers = self.definitions[deployment.definition]["containerDefinitions"]
        return next((each["image"] for each in containers if each["name"] == CONTAINER), "")

    # --- What people do -----------------------------------------------------------------------------------------------

    def create(self, definition: dict[str, Any], wanted: int = 1) -> None:
        """Somebody creates the service."""
        self.service = Service(self.clock.now, wanted)
        self.begin(self.register(definition))

    def delete(self) -> None:
        """Somebody deletes the service."""
        self.service = None
        for each in self.made:
            each.left = each.left or self.clock.now

    def register(self, definition: dict[str, Any]) -> str:
        """Registers a task definition. Returns its ARN."""
        assert not any(each["key"].startswith("aws:") for each in definition.get("tags", [])), "Only AWS sets these."
        number = len(self.definitions) + 1
        arn = f"{PREFIX}:task-definition/{definition['family']}:{number}"
        self.definitions[arn] = deepcopy(definition) | {"taskDefinitionArn": arn, "revision": number}
        return arn

    def begin(self, definition: str) -> Deployment:
        """A new deployment of the service begins, and overtakes one that hasn't ended."""
        assert self.service
        self.keep()
        made = self.deployment(definition)
        for each in self.service.deployments:
            each.status, each.left = "ACTIVE", each.left or self.clock.now
            if each.history in {"IN_PROGRESS", "ROLLBACK_IN_PROGRESS"}:
                each.history = "STOPPED" if each.history == "IN_PROGRESS" else "ROLLBACK_FAILED"
                each.ended = self.clock.now
        self.service.deployments.insert(0, made)
        self.service.history.insert(0, made)
        return made

    def deployment(self, definition: str) -> Deployment:
        """A deployment with an id of its own."""
        self.number += 1
        made = Deployment(f"ecs-svc/{self.number:019}", self.number, definition, self.clock.now, self.clock.now)
        self.made.append(made)
        return made

    # --- What ECS does ------------------------------------------------------------------------------------------------

    def work(self) -> None:
        """One step towards what the service wants."""
        service = self.service
        if not service:
            return
        self.keep()
        primary = service.primary
        image = self.image(primary)
        if service.wanted == 0:
            for each in service.deployments:
                each.running = 0
        if primary.state == "FAILED":
            return
        if service.wanted == 0:
            self.complete(primary)
        elif primary.state == "COMPLETED" and self.restarts and primary.running:
            primary.running = 0  # the program ended. ECS starts it again with the next step
        elif image in self.health:
            primary.running = 0
            self.fail_task(primary, *self.health[image])
        elif not self.has_room and primary.running < service.wanted:
            message = f"(service {SERVICE}) was unable to place a task."
            service.events.insert(0, {"id": "1", "createdAt": self.clock.now, "message": message})
        elif primary.running != service.wanted:
            primary.running, primary.has_run = service.wanted, primary.has_run or primary.state == "COMPLETED"
        elif primary.state == "IN_PROGRESS":
            self.complete(primary)

    def complete(self, primary: Deployment) -> None:
        """The deployment is complete, and the tasks of the others are gone."""
        assert self.service
        if primary.state != "COMPLETED":
            primary.state, primary.reason, primary.updated = "COMPLETED", "completed", self.clock.now
            primary.ended = primary.ended or self.clock.now
        primary.running = min(primary.running, self.service.wanted)
        primary.history = "SUCCESSFUL"
        primary.has_run = primary.has_run or primary.running > 0
        if primary.rolls_back and primary.rolls_back.history == "ROLLBACK_IN_PROGRESS":
            primary.rolls_back.history, primary.rolls_back.ended = "ROLLBACK_SUCCESSFUL", self.clock.now
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
        failed.history, failed.ended, failed.left = "STOPPED", self.clock.now, self.clock.now
        self.given_up.append(failed)
        if failed.rolls_back:  # a rollback is not rolled back
            failed.rolls_back.history, failed.rolls_back.ended = "ROLLBACK_FAILED", self.clock.now
            return
        back = next((each for each in self.service.deployments if each.state == "COMPLETED"), None)
        if not back or not self.rolls_back:
            return
        failed.history, failed.status, failed.ended = "ROLLBACK_IN_PROGRESS", "ACTIVE", None
        if self.reuses_ids:
            back.status, back.left = "PRIMARY", None
            self.service.deployments.remove(back)
        else:
            back = self.deployment(back.definition)
        back.state, back.rolls_back = "IN_PROGRESS", failed
        self.service.deployments.insert(0, back)
