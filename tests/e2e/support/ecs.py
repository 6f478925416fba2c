"""The example's service in ECS, as those who deploy it and those who call it meet it."""

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from local.cloud.shared.live_settings import Settings
from local.emulator import ROOT, Account
from local.pipeline import Pipeline, wait_for
from local.sam import STACK
from local.sources.samples import BASE
from local.sources.zipping import zip_with
from tests.e2e.support.waiting import SECONDS

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient

EXAMPLE = ROOT / "examples/ecs-service"
PORT = 8080
QUICK = Settings(minute_seconds=12)
"""Health checks five times as often: three tasks have to fail before ECS gives a deployment up."""


def ending(text: str) -> bytes:
    """A source whose program prints this text and exits with 3, late enough for `deploy.py` to see its tasks."""
    return zip_with({"Dockerfile": f'{BASE}CMD ["sh", "-c", "echo {text}; sleep 5; exit 3"]\n'})


def page(text: str, port: int = PORT) -> bytes:
    """A source whose service shows this text; at another port than the one that is asked, it is never healthy."""
    dockerfile = (
        f'{BASE}COPY index.html /srv/\nRUN echo ok > /srv/health\nCMD ["httpd", "-fvv", "-p", "{port}", "-h", "/srv"]\n'
    )
    return zip_with({"Dockerfile": dockerfile, "index.html": text})


@contextmanager
def deployed(here: Account, pipeline: Pipeline, *, is_balanced: bool) -> Iterator["EcsService"]:
    """The service, which shows a first page, while the block runs."""
    here.set(QUICK)
    service = EcsService(here, pipeline, is_balanced)
    try:
        service.record(page("first"))
        ended = service.deploy("AllowedNetwork=0.0.0.0/0", f"LoadBalancer={'yes' if is_balanced else 'no'}")
        assert ended.returncode == 0, ended.stdout
        yield service
    finally:
        service.remove()
        here.set(Settings())


@dataclass(frozen=True)
class EcsService:
    """The service of the stack that is deployed by the example; whether a load balancer is in front of it."""

    here: Account
    pipeline: Pipeline
    is_balanced: bool

    def record(self, source: bytes) -> str:
        """The URI of an upload that was recorded."""
        return self.pipeline.wait_until_recorded(self.pipeline.upload("page.zip", source), SECONDS)

    def deploy(self, *parameters: str, service: str = "jwt-pizza-service") -> "subprocess.CompletedProcess[str]":
        """What the example's command did."""
        return self.run(str(EXAMPLE / "deploy.sh"), service, *parameters)

    def follow_by_itself(self) -> None:
        """Deploys what brings the service to the parameter."""
        ended = self.run(str(EXAMPLE / "auto-deploy.sh"), "jwt-pizza-service", STACK)
        assert ended.returncode == 0, ended.stdout

    def remove(self) -> None:
        """Deletes both stacks, if they are there."""
        client: CloudFormationClient = self.pipeline.client("cloudformation")
        for stack in ("jwt-pizza-service-auto-deploy", "jwt-pizza-service-ecs"):
            client.delete_stack(StackName=stack)
            client.get_waiter("stack_delete_complete").wait(
                StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": int(SECONDS)}
            )

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """What a command did, with what it printed, its errors included."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            command,
            env={**os.environ, **self.here.environment, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=SECONDS,
        )

    def outputs(self) -> dict[str, str]:
        """The outputs of the example's stack."""
        client: CloudFormationClient = self.pipeline.client("cloudformation")
        (stack,) = client.describe_stacks(StackName="jwt-pizza-service-ecs")["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    def answer(self) -> str:
        """What the service answers now; empty if nobody does."""
        address, name = self.address()
        connection = http.client.HTTPConnection(address, timeout=5)
        try:
            connection.request("GET", "/", headers={"Host": name})
            answer = connection.getresponse()
            return answer.read().decode() if answer.status == http.HTTPStatus.OK else ""
        except OSError:
            return ""
        finally:
            connection.close()

    def address(self) -> tuple[str, str]:
        """Where to call it, and by which name: at its load balancer, or at a task that runs and is healthy."""
        if self.is_balanced:
            return urlsplit(self.here.endpoint).netloc, urlsplit(self.outputs()["Url"]).netloc
        healthy = [each for each in self.tasks() if each["healthStatus"] == "HEALTHY"]
        found = [each["value"] for task in healthy for each in task["attachments"][0]["details"]]
        return f"{found[-1] if found else '127.0.0.1'}:{PORT}", "service"

    def tasks(self) -> list[dict[str, Any]]:
        """The tasks that are to run."""
        ecs = self.pipeline.client("ecs")
        arns = ecs.list_tasks(cluster="jwt-pizza-service")["taskArns"]
        tasks: list[dict[str, Any]] = (
            ecs.describe_tasks(cluster="jwt-pizza-service", tasks=arns)["tasks"] if arns else []
        )
        return tasks

    def images(self) -> set[str]:
        """The images of the tasks that are to run."""
        return {container["image"] for task in self.tasks() for container in task["containers"]}

    def wanted(self) -> int:
        """How many tasks are to run."""
        ecs = self.pipeline.client("ecs")
        (found,) = ecs.describe_services(cluster="jwt-pizza-service", services=["jwt-pizza-service"])["services"]
        count: int = found["desiredCount"]
        return count

    def health_command(self) -> str:
        """The command by which ECS looks whether the service is healthy."""
        ecs = self.pipeline.client("ecs")
        definition = ecs.describe_task_definition(taskDefinition="jwt-pizza-service")["taskDefinition"]
        command: str = definition["containerDefinitions"][0]["healthCheck"]["command"][1]
        return command

    def wait_for_answer(self, text: str) -> None:
        """Returns when the service answers this, and nothing before answers any more."""

        wait_for(f"The answer {text!r}", lambda: self.answer() == text and len(self.images()) == 1, SECONDS)
