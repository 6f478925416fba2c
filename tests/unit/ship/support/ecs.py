"""An ECS service as ECS describes it: its primary deployment, its tasks and their log."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.unit.ship.support.world import ACCOUNT, SERVICE, STACK, World

PREFIX = f"arn:aws:ecs:us-east-1:{ACCOUNT}"
RECORDED, OTHER, THIRD = (f"{STACK.repository_uri}@sha256:{letter * 64}" for letter in "abc")
NOW = datetime.now(UTC)


def digest(image: str) -> str:
    """The digest of an image."""
    return image.partition("@")[2]


@dataclass
class Ecs:
    """An ECS service, named after the stack's service unless a test says otherwise."""

    world: World
    cluster: str = SERVICE
    service: str = SERVICE
    desired: int = 1
    events: list[dict[str, Any]] = field(default_factory=list)
    log: dict[str, Any] | None = None

    def runs(self, *images: str, defined: str | None = None) -> "Ecs":
        """Has a task of each image run, the newest first, and the task definition name the first or another."""
        self.answers("DescribeServices", {"services": [self.described()]})
        self.defines(defined or images[0])
        tasks = [self.task(number, image) for number, image in enumerate(images)]
        self.answers("ListTasks", {"taskArns": [each["taskArn"] for each in tasks]})
        self.answers("DescribeTasks", {"tasks": tasks})
        return self

    def described(self) -> dict[str, Any]:
        """The service."""
        definition = f"{PREFIX}:task-definition/{SERVICE}"
        return {
            "serviceName": self.service,
            "status": "ACTIVE",
            "desiredCount": self.desired,
            "taskDefinition": f"{definition}:1",
            "deployments": [
                {"id": "ecs-svc/1", "status": "ACTIVE", "taskDefinition": f"{definition}:1"},
                {"id": "ecs-svc/2", "status": "PRIMARY", "taskDefinition": f"{definition}:2"},
            ],
            "events": self.events,
        }

    def defines(self, image: str) -> None:
        """Has the task definition name this image, beside a sidecar's."""
        options = {"awslogs-group": "/ecs/hello", "awslogs-stream-prefix": "service", "awslogs-region": "us-east-1"}
        log = {"logDriver": "awslogs", "options": options} if self.log is None else self.log
        containers = [
            {"name": "proxy", "image": "envoy:1"},
            {"name": "service", "image": image, **({"logConfiguration": log} if log else {})},
        ]
        self.answers("DescribeTaskDefinition", {"taskDefinition": {"containerDefinitions": containers}})

    def task(self, number: int, image: str) -> dict[str, Any]:
        """A running task. The lower the number, the later it started."""
        return {
            "taskArn": f"{PREFIX}:task/{self.cluster}/task{number}",
            "lastStatus": "RUNNING",
            "startedAt": NOW.replace(year=2026 - number),
            "containers": [{"name": "proxy", "image": "envoy:1"}, {"name": "service", "image": image}],
        }

    def answers(self, operation: str, answer: dict[str, Any]) -> None:
        """Has ECS give another answer."""
        self.world.wire.heals(operation)
        self.world.wire.answers(operation, answer)
