"""An account in memory with what the follower calls. It refuses what AWS's models refuse, and fails on all else."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

from botocore.exceptions import EndpointConnectionError
from botocore.validate import validate_parameters

from tests.examples.support.aws import real, refused
from tests.examples.support.ecs import CLUSTER, CONTAINER, SERVICE, Ecs
from tests.examples.support.ecs_api import EcsApi

PARAMETER, LEDGER = "/app/image-uri", "/app/deployment"
REPOSITORY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app"


def uri(letter: str) -> str:
    """The URI of an image."""
    return f"{REPOSITORY}@sha256:{letter * 64}"


class Crash(Exception):  # noqa: N818  # a run that ends here, not an error of the program
    """The function's process ended."""


@dataclass
class Clock:
    """The time, which passes when a test says so."""

    now: datetime = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

    def passes(self, **duration: float) -> None:
        """So much time passes."""
        self.now += timedelta(**duration)


@dataclass
class Ssm:
    """Parameter Store, with the history of each parameter."""

    clock: Clock
    parameters: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def get_parameter(self, Name: str) -> dict[str, Any]:  # noqa: N803  # AWS's name
        if Name not in self.parameters:
            raise refused("ssm", "ParameterNotFound")
        return {"Parameter": self.parameters[Name][-1]}

    def put_parameter(self, **members: Any) -> dict[str, Any]:
        """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"""
        assert members["Overwrite"]
        name, value = members["Name"], members["Value"]
        if "{{" in value or "}}" in value or len(value.encode()) > 4096:
            raise refused("ssm", "ValidationException")
        versions = self.parameters.setdefault(name, [])
        versions.append(members | {"Version": len(versions) + 1, "LastModifiedDate": self.clock.now})
        return {"Version": len(versions)}

    def put(self, name: str, value: str, description: str = "") -> None:
        """Somebody puts the parameter."""
        self.put_parameter(Name=name, Value=value, Description=description, Overwrite=True)

    def delete(self, name: str) -> None:
        """Somebody deletes the parameter: its versions begin with 1 again."""
        self.parameters.pop(name, None)


@dataclass
class Logs:
    """CloudWatch Logs: what tasks printed, by stream."""

    lines: dict[str, list[str]] = field(default_factory=dict)

    def get_log_events(self, **members: Any) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html"""
        stream, limit = members["logStreamName"], members["limit"]
        assert not members["startFromHead"]
        if stream not in self.lines:
            raise refused("logs", "ResourceNotFoundException")
        return {"events": [{"message": line} for line in self.lines[stream][-limit:]]}


class Client:
    """A client of one of these services."""

    def __init__(self, cloud: "Cloud", service: str) -> None:
        self.cloud, self.service = cloud, service
        self.meta, self.exceptions = real(service).meta, real(service).exceptions

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        """The operation, if the service here knows it."""
        model = self.meta.service_model.operation_model(self.meta.method_to_api_mapping[operation])
        does = getattr(self.cloud.services[self.service], operation)

        def request(**members: Any) -> dict[str, Any]:
            validate_parameters(members, model.input_shape)
            self.cloud.requests.append((operation, members))
            if operation in self.cloud.refused:
                raise refused(self.service, self.cloud.refused[operation])
            if not self.cloud.is_answering:
                raise EndpointConnectionError(endpoint_url="https://example.com")
            self.cloud.may_crash(operation, is_done=False)
            answer: dict[str, Any] = does(**members)
            self.cloud.may_crash(operation, is_done=True)
            return answer

        return request


@dataclass
class Cloud:
    """The account. `crash_at` is the request at which the function's process ends, and whether AWS does it before."""

    clock: Clock = field(default_factory=Clock)
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    crash_at: tuple[str, bool] | None = None
    is_answering: bool = True

    def __post_init__(self) -> None:
        self.ssm, self.logs, self.ecs = Ssm(self.clock), Logs(), Ecs(self.clock)
        self.services = {"ssm": self.ssm, "logs": self.logs, "ecs": EcsApi(self.ecs)}

    def client(self, service: str) -> Client:
        """A client for the service."""
        return Client(self, service)

    def may_crash(self, operation: str, *, is_done: bool) -> None:
        """Ends the run if it ends here."""
        if self.crash_at == (operation, is_done):
            raise Crash

    def record(self, image: str, description: str = "") -> None:
        """Has the parameter name this image."""
        self.ssm.put(PARAMETER, image, description)

    def ledger(self) -> list[str]:
        """The values of the ledger's versions."""
        return [each["Value"] for each in self.ssm.parameters.get(LEDGER, [])]

    def count(self, operation: str) -> int:
        """How often this was requested."""
        return sum(name == operation for name, _ in self.requests)


def work(cloud: Cloud, steps: int) -> None:
    """ECS works, a step every 20 seconds."""
    for _ in range(steps):
        cloud.clock.passes(seconds=20)
        cloud.ecs.work()


def look(follow: ModuleType, cloud: Cloud) -> dict[str, Any]:
    """The function looks. Returns the last record."""
    place = follow.Place(CLUSTER, SERVICE, CONTAINER, PARAMETER, LEDGER)
    follow.follow(cloud.client, place, cloud.clock.now)
    found: dict[str, Any] = json.loads(cloud.ledger()[-1])
    return found
