"""All that RecordImage works with: the repository, the parameter with its history, and its queue of triggers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

import record_image
from aws import clients
from tests.functions.support.lambdas import Printed, context
from tests.functions.support.project import Project
from tests.functions.support.repository import Registry
from tests.support.stack import event
from tests.support.wire import Wire

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient

PARAMETER = "/jwt-pizza-service/image-uri"


@cache
def ssm() -> "SSMClient":
    """The tests' own client."""
    return boto3.client("ssm")


@dataclass
class Recording:
    """RecordImage with an account in which no build has ended; `left` gives the milliseconds left of an invocation."""

    printed: Printed
    wire: Wire = field(init=False)
    registry: Registry = field(init=False)
    project: Project = field(init=False)
    left: Callable[[], int] = lambda: 29_000
    invocations: int = 0

    def __post_init__(self) -> None:
        self._ssm = ssm()
        self.registry = Registry()
        self.project = Project(clients.codebuild(clients.QUICK))
        self.wire = Wire((clients.ecr(), clients.ssm()))

    def trigger(self, messages: list[dict[str, Any]] | None = None) -> str:
        """Invokes the function with a batch of triggers, by default one of each kind; gives the invocation's id."""
        self.invocations += 1
        request_id = f"6f1d2c84-0a7b-5e39-9b4d-{self.invocations:012}"
        records = event("trigger-queue")["Records"] if messages is None else messages
        record_image.handler({"Records": records}, context(request_id, self.left))
        return request_id

    def put_by_hand(self, value: str, description: str = "") -> None:
        """Puts the parameter as an operator does."""
        self._ssm.put_parameter(Name=PARAMETER, Value=value, Description=description, Type="String", Overwrite=True)

    def delete_parameter(self) -> None:
        """Deletes the parameter with its history."""
        self._ssm.delete_parameter(Name=PARAMETER)

    def versions(self) -> list[tuple[str, str]]:
        """The value and the Description of each of the parameter's versions, the oldest first."""
        pages = self._ssm.get_paginator("get_parameter_history").paginate(Name=PARAMETER)
        try:
            return [(each["Value"], each.get("Description", "")) for page in pages for each in page["Parameters"]]
        except self._ssm.exceptions.ParameterNotFound:
            return []

    @property
    def value(self) -> str | None:
        """What the parameter names now, if there is one."""
        versions = self.versions()
        return versions[-1][0] if versions else None
