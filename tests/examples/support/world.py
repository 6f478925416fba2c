"""AWS and SAM CLI as deploy.py meets them: each answers what a test says."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

OLD, NEW, NEWER = (f"123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:{digit * 64}" for digit in "123")
SERVICES = ("cloudformation", "ec2", "ecs", "iam", "ssm")
DEFAULT = [{"Name": "is-default", "Values": ["true"]}]


@cache
def clients() -> dict[str, Any]:
    """AWS's clients, which take a while to make."""
    return {name: boto3.client(name) for name in SERVICES}  # type: ignore[call-overload]


@dataclass
class World:
    """AWS and SAM CLI: they answer what a test says they do, and AWS nothing else."""

    deploy: ModuleType
    stubs: dict[str, Stubber]
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    region_name: str = "us-east-1"

    def client(self, name: str) -> Any:
        """A client, as a session gives it."""
        return clients()[name]

    def names(self, uri: str) -> None:
        """The parameter's next answer."""
        answer = {"Parameter": {"Value": uri}}
        self.stubs["ssm"].add_response("get_parameter", answer, {"Name": "/app/image-uri"})

    def has_stack(self, status: str | None, **parameters: str) -> None:
        """CloudFormation's next answer: the stack with these parameters; None if it has no such stack."""
        stub, asked = self.stubs["cloudformation"], {"StackName": "app-ecs"}
        if status is None:
            stub.add_client_error("describe_stacks", "ValidationError", "Stack with id app-ecs does not exist")
        else:
            values = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
            stack = {"StackName": "app-ecs", "CreationTime": "2026-11-20T12:00:00Z", "StackStatus": status}
            answer = {"Stacks": [{**stack, "Parameters": values}]}
            stub.add_response("describe_stacks", answer, asked)

    def has_default_network(self, zones: dict[str, str]) -> None:
        """EC2's next answers: a default network with a subnet in each of these zones."""
        self.stubs["ec2"].add_response("describe_vpcs", {"Vpcs": [{"VpcId": "vpc-d"}]}, {"Filters": DEFAULT})
        found = [{"SubnetId": name, "AvailabilityZoneId": zone} for name, zone in zones.items()]
        asked = [{"Name": "vpc-id", "Values": ["vpc-d"]}, {"Name": "default-for-az", "Values": ["true"]}]
        self.stubs["ec2"].add_response("describe_subnets", {"Subnets": found}, {"Filters": asked})

    def has_subnets(self, zones: dict[str, str]) -> None:
        """EC2's next answer: these subnets, each in its zone."""
        found = [{"SubnetId": name, "AvailabilityZoneId": zone} for name, zone in zones.items()]
        self.stubs["ec2"].add_response("describe_subnets", {"Subnets": found}, {"SubnetIds": [*zones]})

    def can_deploy(
        self, status: str | None, before: str | None, after: str | None, named: str = NEW, **parameters: str
    ) -> None:
        """A deployment whose look-ups succeed: the stack's status, what the service runs, and what is recorded last."""
        self.names(NEW)
        self.has_stack(status, **parameters)
        self.stubs["iam"].add_client_error("create_service_linked_role", "InvalidInput")  # it is there
        seen = iter([self.deploy.watch.Seen(before), self.deploy.watch.Seen(after)])
        self.monkeypatch.setattr(self.deploy.watch, "look", lambda *_: next(seen))
        self.names(named)

    def sam(self, script: str = "exit 0") -> None:
        """What SAM CLI does once it has noted its arguments."""
        program = self.folder / "sam"
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{self.folder}/asked"\n{script}\n')
        program.chmod(0o755)

    @property
    def asked(self) -> list[str]:
        """What SAM CLI was asked for; nothing if it wasn't."""
        file = self.folder / "asked"
        return file.read_text().splitlines() if file.exists() else []

    def run(self, *parameters: str) -> str:
        """Deploys; the text of the problem, or nothing."""
        try:
            self.deploy.deploy(self.deploy.Given.read(["app", *parameters]), self)
        except self.deploy.Problem as problem:
            return str(problem)
        return ""
