"""The example's service: four deployments of it, each of which is evidence for several checks."""

import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from core.notifying.deployments import Record
from local.emulator import ROOT
from local.pipeline import Late, wait_for
from local.progress import UserError, step
from ship.aws import deployments
from ship.aws.access import Access
from ship.aws.cloudformation import outputs_of
from ship.aws.errors import code_of
from verify import removal, stacks
from verify.fargate.deployment_events import DeploymentEvents
from verify.fargate.sources import ending, page
from verify.gathering.once import once
from verify.run import Run
from verify.verdicts import NotTried

EXAMPLE = ROOT / "examples" / "ecs-service"
CONTAINER = "service"
"""The example's name of the container."""
NOBODY = "192.0.2.1/32"
"""An address for documentation, which nobody has: https://datatracker.ietf.org/doc/html/rfc5737."""
ROLE = "AWSServiceRoleForECS"
REVISION_TAG = "tried-by"
"""Not the run's own tag, which AWS would list until it has deleted the revision."""
SECONDS = 30 * 60.0
"""Within these, ECS has started tasks and deployed an image."""
EVERY = 5.0


@dataclass(frozen=True)
class Deployment:
    """A run of deploy.sh: the image that it should deploy, how it ended, and the service right after it."""

    uri: str
    code: int
    printed: str
    service: dict[str, Any]
    """As ECS describes it. Empty if there is none."""
    image: str
    """The image of the service's task definition. Empty if there is no service."""
    tasks: list[dict[str, Any]]

    def done(self) -> "Deployment":
        """This deployment, which succeeded.

        Raises:
            NotTried: it didn't.
        """
        if self.code:
            raise NotTried(f"deploy.sh failed: {self.printed[-1000:]}")
        return self

    @property
    def stopped(self) -> list[dict[str, Any]]:
        """The stopped tasks of this deployment's image."""
        ours = [each for each in self.tasks if any(it.get("image") == self.uri for it in each["containers"])]
        return [each for each in ours if each["lastStatus"] == "STOPPED"]


@dataclass(frozen=True)
class Followed:
    """Auto-deploy's work on one more upload: the running revision's tags, or why there are none."""

    tags: dict[str, str]
    problem: str = ""
    refusals: tuple[str, ...] = ()


@dataclass
class Service:
    """The run's service in ECS. Each deployment happens at its first use."""

    access: Access
    run: Run
    record: Callable[[str, bytes], str]
    """Uploads a source, and returns the recorded image's URI."""

    @once
    def had_role(self) -> bool:
        """Whether the account had ECS's service-linked role before the first deployment."""
        try:
            self.access.session.client("iam").get_role(RoleName=ROLE)
        except ClientError as error:
            if code_of(error) != "NoSuchEntity":
                raise
            return False
        return True

    @once
    def events(self) -> DeploymentEvents:
        """ECS's events about deployments, from now on."""
        return DeploymentEvents.subscribed(self.access, self.run)

    @once
    def first(self) -> Deployment:
        """The first deployment, of a healthy image. Nobody may call the service."""
        removal.delete(self.access, self.run.auto_deploy_stack)  # of an earlier call: it would deploy as well
        stacks.make_room(self.access, self.run.ecs_stack)
        with suppress(ClientError):  # its own check says so
            _ = self.had_role
        _ = self.events
        return self.deploy("first-task", page("first"), f"AllowedNetwork={NOBODY}")

    @once
    def second(self) -> Deployment:
        """Another healthy image, once two tasks run. deploy.sh isn't told how many."""
        self.first.done()
        self.scale(2)
        return self.deploy("second-task", page("second"))

    @once
    def failed(self) -> Deployment:
        """An image whose program ends, while one task runs."""
        self.first.done()
        self.scale(1)
        return self.deploy("ending-task", ending("third"))

    @once
    def followed(self) -> Followed:
        """One more upload after auto-deploy.sh, while the running revision has a tag."""
        self.first.done()
        revision = self.described()["taskDefinition"]
        self.access.ecs.tag_resource(resourceArn=revision, tags=[{"key": REVISION_TAG, "value": self.run.id}])
        with step("Running auto-deploy.sh"):
            ended = self.example("auto-deploy.sh", self.run.stack)
        if ended.returncode:
            raise UserError(f"auto-deploy.sh failed: {ended.stdout[-1000:]}")
        uri = self.record("followed-task.zip", page("fourth"))
        try:
            with step("Waiting until the service runs what was recorded"):
                wait_for("The deployment by auto-deploy", lambda: self.runs(uri), SECONDS, EVERY)
        except Late as late:
            return Followed({}, str(late), tuple(self.refusals()))
        answer = self.access.ecs.describe_task_definition(
            taskDefinition=self.described()["taskDefinition"], include=["TAGS"]
        )
        return Followed({each["key"]: each["value"] for each in answer.get("tags", [])})

    @once
    def recorded_failure(self) -> Record:
        """Auto-deploy's record of one more image, whose program ends.

        Raises:
            NotTried: auto-deploy didn't deploy the image before.
            Late: it didn't record this one's failure.
        """
        if self.followed.problem:
            raise NotTried(self.followed.problem)
        uri = self.record("ending-followed.zip", ending("fifth"))

        def failure() -> Record | None:
            found = deployments.newest(self.access, self.run.service)
            record = found.of(uri) if found else None
            return record if record and record.state == "not-healthy" else None

        with step("Waiting until auto-deploy records that an image ends"):
            return wait_for("The record of the failed deployment", failure, SECONDS, EVERY)

    def deploy(self, name: str, source: bytes, *parameters: str) -> Deployment:
        """Records an image, runs deploy.sh, and looks at the service."""
        uri = self.record(f"{name}.zip", source)
        stacks.settle(self.access, self.run.ecs_stack)
        with step("Running deploy.sh"):
            ended = self.example("deploy.sh", *parameters)
        service = self.described()
        image = self.image_of(service["taskDefinition"]) if service else ""
        return Deployment(uri, ended.returncode, ended.stdout, service, image, self.tasks() if service else [])

    def example(self, script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """The result of one of the example's scripts."""
        return stacks.run_tool(self.access, [str(EXAMPLE / script), self.run.service, *arguments])

    def scale(self, tasks: int) -> None:
        """Sets how many tasks run, as autoscaling does, and waits until they do."""
        name = self.run.service
        self.access.ecs.update_service(cluster=name, service=name, desiredCount=tasks)
        wait_for(f"{tasks} running tasks", lambda: self.described()["runningCount"] == tasks, SECONDS, EVERY)

    def described(self) -> dict[str, Any]:
        """The service as ECS describes it. Empty if there is none."""
        ecs, name = self.access.ecs, self.run.service
        try:
            found = ecs.describe_services(cluster=name, services=[name])["services"]
        except ecs.exceptions.ClusterNotFoundException:
            return {}
        return next((dict(each) for each in found if each["status"] == "ACTIVE"), {})

    def image_of(self, definition: str) -> str:
        """The image in a task definition."""
        described = self.access.ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]
        return next(each["image"] for each in described["containerDefinitions"] if each["name"] == CONTAINER)

    def runs(self, uri: str) -> bool:
        """Whether a deployment of this image has completed."""
        (primary, *_) = [each for each in self.described()["deployments"] if each["status"] == "PRIMARY"]
        return primary["rolloutState"] == "COMPLETED" and self.image_of(primary["taskDefinition"]) == uri

    def tasks(self) -> list[dict[str, Any]]:
        """The service's running and stopped tasks."""
        ecs, name = self.access.ecs, self.run.service
        listed = [
            arn
            for status in ("RUNNING", "STOPPED")
            for arn in ecs.list_tasks(cluster=name, serviceName=name, desiredStatus=status)["taskArns"]
        ]
        return [dict(each) for each in ecs.describe_tasks(cluster=name, tasks=listed)["tasks"]] if listed else []

    def refusals(self) -> list[str]:
        """The lines of auto-deploy's logs that say what AWS refused."""
        described = self.access.cloudformation.describe_stack_resources(StackName=self.run.auto_deploy_stack)
        groups = [
            each["PhysicalResourceId"]
            for each in described["StackResources"]
            if each["ResourceType"] == "AWS::Logs::LogGroup"
        ]
        return [line for group in groups for line in self.logged(group, '"is not authorized to perform"')]

    def log_group(self) -> str:
        """The log group of the service's tasks."""
        (stack,) = self.access.cloudformation.describe_stacks(StackName=self.run.ecs_stack)["Stacks"]
        return outputs_of(stack)["LogGroup"]

    def logged(self, group: str, pattern: str) -> list[str]:
        """The lines of a log group that fit a filter pattern."""
        pages = self.access.logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern=pattern)
        return [event["message"] for page in pages for event in page["events"]]

    def zones(self, subnets: set[str]) -> list[str]:
        """The ids of the subnets' zones."""
        found = self.access.session.client("ec2").describe_subnets(SubnetIds=sorted(subnets))["Subnets"]
        return sorted({each["AvailabilityZoneId"] for each in found})
