"""What deploy.sh looks up, when it stops, what it asks SAM CLI for, and what it says of the end."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from samcli.commands.deploy.command import cli

from tests.examples.support.loading import FOLDER, loaded

OLD, NEW, NEWER = (f"123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:{digit * 64}" for digit in "123")
SERVICES = ("cloudformation", "ec2", "ecs", "iam", "ssm")
ZONES = {"subnet-b": "use1-az2", "subnet-c": "use1-az3", "subnet-a": "use1-az1"}
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

    def has_stack(self, status: str | None) -> None:
        """CloudFormation's next answer; None if it has no such stack."""
        stub, asked = self.stubs["cloudformation"], {"StackName": "app-ecs"}
        if status is None:
            stub.add_client_error("describe_stacks", "ValidationError", "Stack with id app-ecs does not exist")
        else:
            stack = {"StackName": "app-ecs", "CreationTime": "2026-11-20T12:00:00Z", "StackStatus": status}
            stub.add_response("describe_stacks", {"Stacks": [stack]}, asked)

    def has_default_network(self, zones: dict[str, str]) -> None:
        """EC2's next answers: a default network with a subnet in each of these zones."""
        self.stubs["ec2"].add_response("describe_vpcs", {"Vpcs": [{"VpcId": "vpc-d"}]}, {"Filters": DEFAULT})
        found = [{"SubnetId": name, "AvailabilityZoneId": zone} for name, zone in zones.items()]
        asked = [{"Name": "vpc-id", "Values": ["vpc-d"]}, {"Name": "default-for-az", "Values": ["true"]}]
        self.stubs["ec2"].add_response("describe_subnets", {"Subnets": found}, {"Filters": asked})

    def can_deploy(self, status: str | None, before: str | None, after: str | None, named: str = NEW) -> None:
        """A deployment whose look-ups succeed: the stack's status, what the service runs, and what is recorded last."""
        self.names(NEW)
        self.has_stack(status)
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
        known = self.deploy.parameters_of((FOLDER / "template.yaml").read_text())
        try:
            self.deploy.deploy(self.deploy.Given.read(["app", *parameters], known), self)
        except self.deploy.Problem as problem:
            return str(problem)
        return ""


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    """An account and SAM CLI; each answer that a test gives is asked for."""
    deploy = loaded(monkeypatch, "deploy")
    monkeypatch.setattr(deploy, "LOOK_SECONDS", 60)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    world = World(deploy, {name: Stubber(client) for name, client in clients().items()}, tmp_path, monkeypatch)
    world.sam()
    for stub in world.stubs.values():
        stub.activate()
    yield world
    for stub in world.stubs.values():
        stub.deactivate()
        stub.assert_no_pending_responses()


# --- Before it deploys ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [None, "REVIEW_IN_PROGRESS"], ids=["no stack", "a change set never executed"])
def test_a_first_deployment_goes_into_the_default_network_s_zones_with_arm64(world: World, status: str | None) -> None:
    world.can_deploy(status, before=None, after=NEW)
    world.has_default_network(ZONES)

    assert world.run("AllowedNetwork=0.0.0.0/0") == ""

    assert world.asked[world.asked.index("--parameter-overrides") + 1 :] == [
        'ServiceName="app"',
        'ImageUri="/app/image-uri"',
        'VpcId="vpc-d"',
        'SubnetIds="subnet-a,subnet-b"',
        'AllowedNetwork="0.0.0.0/0"',
    ]


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_later_deployment_keeps_the_network(world: World, status: str) -> None:
    world.can_deploy(status, before=OLD, after=NEW)

    assert world.run("Tasks=2") == ""

    assert world.asked[-3:] == ['ServiceName="app"', 'ImageUri="/app/image-uri"', 'Tasks="2"']


def test_a_network_that_is_given_is_taken(world: World) -> None:
    world.can_deploy(None, before=None, after=NEW)

    assert world.run("VpcId=vpc-own", "SubnetIds=subnet-1,subnet-2") == ""

    assert world.asked[-2:] == ['VpcId="vpc-own"', 'SubnetIds="subnet-1,subnet-2"']


def test_cloudformation_does_not_deploy_in_express_mode_as_the_pinned_sam_cli_understands_it(world: World) -> None:
    world.can_deploy("UPDATE_COMPLETE", before=NEW, after=NEW)

    world.run()

    assert "--no-express" in world.asked
    options = world.asked[1 : world.asked.index("--parameter-overrides")]
    unknown = cli.make_parser(cli.context_class(cli)).parse_args(options)[1]
    assert unknown == []


@pytest.mark.parametrize(
    ("value", "quoted"), [("a b", '"a b"'), ('[ "$x" = 1 ]', r'"[ \"$x\" = 1 ]"'), (r"a\b", r'"a\\b"'), ("", '""')]
)
def test_values_are_quoted_for_sam_cli(world: World, value: str, quoted: str) -> None:
    assert world.deploy.quoted("HealthCommand", value) == f"HealthCommand={quoted}"


@pytest.mark.parametrize(
    ("operation", "code", "said"),
    [
        ("describe_stacks", "Throttling", "the stack app-ecs"),
        ("describe_stacks", "AccessDenied", "the stack app-ecs"),
        ("describe_stacks", "ExpiredToken", "the stack app-ecs"),
        ("describe_vpcs", "UnauthorizedOperation", "UnauthorizedOperation"),
        ("describe_subnets", "UnauthorizedOperation", "UnauthorizedOperation"),
        ("describe_services", "AccessDeniedException", "the service app"),
    ],
)
def test_what_cannot_be_looked_up_is_neither_guessed_nor_deployed(
    world: World, operation: str, code: str, said: str
) -> None:
    services = {"describe_stacks": "cloudformation", "describe_services": "ecs"}
    world.names(NEW)
    if operation != "describe_stacks":
        world.has_stack("UPDATE_COMPLETE" if operation == "describe_services" else None)
    if operation == "describe_subnets":
        world.stubs["ec2"].add_response("describe_vpcs", {"Vpcs": [{"VpcId": "vpc-d"}]}, {"Filters": DEFAULT})
    world.stubs[services.get(operation, "ec2")].add_client_error(operation, code)

    problem = world.run("Tasks=2")

    assert said in problem
    assert code in problem
    assert world.asked == []


@pytest.mark.parametrize("service", ["ssm", "cloudformation", "ec2"])
def test_where_aws_cannot_be_reached_nothing_is_deployed(
    world: World, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    def fails(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://aws")

    first = {"ssm": "get_parameter", "cloudformation": "describe_stacks", "ec2": "describe_vpcs"}
    monkeypatch.setattr(clients()[service], first[service], fails)
    if service != "ssm":
        world.names(NEW)
    if service == "ec2":
        world.has_stack(None)

    assert "Could not connect to the endpoint URL" in world.run()

    assert world.asked == []


def test_ecs_s_own_role_is_left_to_cloudformation_if_iam_cannot_be_reached(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://iam")

    monkeypatch.setattr(clients()["iam"], "create_service_linked_role", fails)

    world.deploy.make_service_linked_role(world.client("iam"))


def test_interrupted_it_says_that_cloudformation_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(world.deploy, "deploy", interrupted)
    monkeypatch.setenv("AWS_REGION", "us-east-1")

    assert world.deploy.main(["app"]) == 130

    assert "CloudFormation goes on" in capsys.readouterr().err


def test_before_the_first_recording_it_says_what_to_do(world: World) -> None:
    world.stubs["ssm"].add_client_error("get_parameter", "ParameterNotFound")

    assert world.run() == (
        "Nothing is recorded in /app/image-uri yet. Upload a source first, and wait until it is recorded."
    )


@pytest.mark.parametrize("given", [["VpcId=vpc-own"], ["VpcId="], ["Tasks=2", "VpcId=vpc-own"]])
def test_a_network_without_its_subnets_is_refused_before_aws_is_asked(world: World, given: list[str]) -> None:
    assert world.run(*given).startswith("VpcId= needs SubnetIds=")


def test_subnets_without_their_network_are_refused_where_there_is_no_service_yet(world: World) -> None:
    world.names(NEW)
    world.has_stack(None)

    assert world.run("SubnetIds=subnet-1,subnet-2").startswith("SubnetIds= needs VpcId=")


@pytest.mark.parametrize("zones", [{}, {"subnet-a": "apne3-az2", "subnet-b": "apne3-az3"}], ids=["none", "x86 alone"])
def test_a_default_network_without_arm64_is_none(world: World, zones: dict[str, str]) -> None:
    world.names(NEW)
    world.has_stack(None)
    world.has_default_network(zones)

    assert "give VpcId= and SubnetIds=" in world.run()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Usage: deploy.sh"),
        (["LoadBalancer=yes"], "Usage: deploy.sh"),
        (["App"], "Usage: deploy.sh"),
        (["app", "yes"], "yes: give a parameter"),
        (["app", "Subnets=subnet-1"], "Subnets=subnet-1: give a parameter"),
        (["app", "vpcid=vpc-own"], "vpcid=vpc-own: give a parameter"),
        (["app", "ServiceName=other"], "ServiceName=other: give a parameter"),
    ],
)
def test_what_is_no_parameter_is_refused(world: World, arguments: list[str], said: str) -> None:
    known = world.deploy.parameters_of((FOLDER / "template.yaml").read_text())

    with pytest.raises(world.deploy.Problem, match=f"^{said}"):
        world.deploy.Given.read(arguments, known)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "Set AWS_REGION"),
        ({"AWS_REGION": "us east"}, "couldn't look up the region us east."),
        ({"AWS_PROFILE": "gone"}, "couldn't look up your profile. The config profile (gone)"),
    ],
)
def test_a_shell_without_a_region_or_with_a_profile_or_region_that_is_not_there_is_told(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variables: dict[str, str],
    said: str,
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert world.deploy.main(["app"]) == 1

    assert said in capsys.readouterr().err


LEFT = ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"]
BUSY = ["CREATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"]


@pytest.mark.parametrize("status", [*LEFT, *BUSY, "UPDATE_ROLLBACK_FAILED"])
def test_a_stack_that_cannot_be_updated_is_left_alone(world: World, status: str) -> None:
    world.names(NEW)
    world.has_stack(status)

    problem = world.run()

    assert problem.startswith(f"The stack app-ecs is in the state {status}")
    assert ("delete-stack" in problem) == (status in LEFT)
    assert world.asked == []


@pytest.mark.parametrize(
    ("status", "calls"),
    [("ROLLBACK_COMPLETE", ["describe-stacks", "delete-stack", "wait"]), ("UPDATE_COMPLETE", ["describe-stacks"])],
)
def test_the_command_that_deletes_a_leftover_deletes_nothing_else(
    world: World, tmp_path: Path, status: str, calls: list[str]
) -> None:
    """Somebody may paste it after another deployment has worked."""
    world.names(NEW)
    world.has_stack("ROLLBACK_COMPLETE")
    _, _, command = world.run().partition("\n\n")
    aws = f'aws() {{ echo "$2" >> {tmp_path}/calls; [ "$2" != describe-stacks ] || echo {status}; }}\n'

    ended = subprocess.run(["bash", "-c", aws + command], capture_output=True, text=True, check=False)

    assert (ended.returncode == 0, ended.stderr) == (status == "ROLLBACK_COMPLETE", "")
    assert (tmp_path / "calls").read_text().split() == calls


# --- After it has deployed ------------------------------------------------------------------------------------------


def test_a_service_that_stays_on_its_old_image_is_a_problem_whatever_the_stack_says(world: World) -> None:
    world.can_deploy("UPDATE_COMPLETE", before=OLD, after=OLD)

    problem = world.run()

    assert f"service:   {OLD}\n" in problem
    assert f"parameter: {NEW}\n" in problem
    assert "update-service --region us-east-1 --cluster app --service app --task-definition app" in problem


@pytest.mark.parametrize("running", [NEW, NEWER])
def test_a_newer_image_that_is_recorded_meanwhile_is_no_problem(
    world: World, capsys: pytest.CaptureFixture[str], running: str
) -> None:
    world.can_deploy("UPDATE_COMPLETE", before=OLD, after=running, named=NEWER)

    assert world.run() == ""

    assert capsys.readouterr().out == f"The service runs {running}\n"


class Failing:
    """A deployment that fails while ECS is watched: its task ends with 3, and then the stack has this status."""

    def __init__(self, world: World, *, status: str, before: str | None, after: str | None) -> None:
        watch = world.deploy.watch
        old = watch.Seen(before, frozenset({"ecs-svc/1"}), {"0": "(service app) deployment failed last year."})
        event = {"1": "(service app) (deployment ecs-svc/2) deployment failed: tasks failed to start."}
        self.new = watch.Seen(after, frozenset({"ecs-svc/2"}), event | {"2": "(service app) has begun."}, TASKS)
        self.seen = world.folder / "seen"
        looks = iter([old, watch.Seen(after)])
        world.monkeypatch.setattr(watch, "look", lambda *_: next(looks))
        world.monkeypatch.setattr(watch, "look_if_possible", self.look)
        world.monkeypatch.setattr(world.deploy, "LOOK_SECONDS", 0.01)
        world.sam(f'until [ -e "{self.seen}" ]; do :; done; exit 1')
        world.names(NEW)
        world.has_stack("CREATE_COMPLETE")
        world.stubs["iam"].add_client_error("create_service_linked_role", "InvalidInput")
        definition = {"taskDefinition": {"containerDefinitions": [{"name": "service"}]}}
        world.stubs["ecs"].add_response("describe_task_definition", definition, {"taskDefinition": "app:2"})
        world.has_stack(status)
        # The task names no image, so neither of the two is asked.
        original, unused = World.client, {"ecr": None, "codebuild": None}
        world.monkeypatch.setattr(
            World, "client", lambda self, name: unused[name] if name in unused else original(self, name)
        )

    def look(self, _ecs: Any, _service: str, before: Any) -> Any:
        """Sees the new, and lets SAM CLI end."""
        self.seen.touch()
        return before.and_then(self.new)


STOPPED = {
    "stoppedAt": 1,
    "stoppedReason": "Essential container in task exited",
    "taskDefinitionArn": "app:2",
    "containers": [{"name": "service", "exitCode": 3}],
}
TASKS = {
    "new": {**STOPPED, "taskArn": "new", "startedBy": "ecs-svc/2"},
    "old": {**STOPPED, "taskArn": "old", "startedBy": "ecs-svc/1", "stoppedAt": 2, "containers": []},
}


def test_a_failed_deployment_names_its_cause(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    Failing(world, status="UPDATE_ROLLBACK_COMPLETE", before=OLD, after=OLD)

    assert world.run() == f"The service still runs {OLD}"

    assert capsys.readouterr().err == (
        "\nThe deployment failed.\n"
        "event: (service app) (deployment ecs-svc/2) deployment failed: tasks failed to start.\n"
        "task: Essential container in task exited\n"
        "exitCode: 3\n\n"
    )


def test_after_a_failed_deployment_the_image_that_was_healthy_can_be_put_back(world: World) -> None:
    """The service followed the parameter to another image, which CloudFormation knows nothing about."""
    Failing(world, status="UPDATE_ROLLBACK_COMPLETE", before=NEWER, after=OLD)

    problem = world.run()

    assert f"before: {NEWER}\n" in problem
    assert "aws ssm put-parameter --region us-east-1 --overwrite --name /app/image-uri" in problem
    assert problem.rstrip().endswith(f"--value {NEWER}")


def test_a_failed_first_deployment_is_offered_for_deletion(world: World) -> None:
    Failing(world, status="ROLLBACK_COMPLETE", before=None, after=None)

    assert "is in the state ROLLBACK_COMPLETE" in world.run()


# --- What ECS says meanwhile ----------------------------------------------------------------------------------------


def test_what_was_seen_stays_when_cloudformation_removes_it(world: World) -> None:
    watch = world.deploy.watch
    seen = watch.Seen("image", frozenset({"a"}), {"1": "event"}, {"task": {"startedBy": "a"}})

    assert seen.and_then(watch.Seen()) == watch.Seen(None, seen.deployments, seen.events, seen.tasks)


def test_the_tasks_of_an_older_service_of_the_same_name_are_not_new(world: World) -> None:
    """ECS lists them for an hour after the service is deleted, and then `before` knows nothing of its deployments."""
    watch = world.deploy.watch
    tasks = {"old": {"startedBy": "deleted"}, "new": {"startedBy": "a"}}
    seen = watch.Seen("image", frozenset({"a"}), {}, tasks)

    assert seen.since(watch.Seen()).tasks == {"new": {"startedBy": "a"}}


def test_a_look_that_ecs_refuses_is_left_out(world: World) -> None:
    watch = world.deploy.watch
    seen = watch.Seen("image")
    world.stubs["ecs"].add_client_error("describe_services", "ThrottlingException")

    assert watch.look_if_possible(world.client("ecs"), "app", seen) is seen


@pytest.mark.parametrize("code", ["ClusterNotFoundException", "ServiceNotFoundException"])
def test_a_service_that_is_not_there_yet_is_nothing(world: World, code: str) -> None:
    world.stubs["ecs"].add_client_error("describe_services", code)

    assert world.deploy.watch.look(world.client("ecs"), "app") == world.deploy.watch.Seen()


@pytest.mark.parametrize(("status", "image"), [("ACTIVE", OLD), ("INACTIVE", None)])
def test_a_service_runs_the_image_of_its_own_container(world: World, status: str, image: str | None) -> None:
    service = {"status": status, "taskDefinition": "app:1", "deployments": [{"id": "ecs-svc/1"}], "events": []}
    containers = [{"name": "sidecar", "image": "other"}, {"name": "service", "image": OLD}]
    stub = world.stubs["ecs"]
    stub.add_response("describe_services", {"services": [service]}, {"cluster": "app", "services": ["app"]})
    asked = {"cluster": "app", "serviceName": "app", "desiredStatus": "STOPPED"}
    stub.add_response("list_tasks", {"taskArns": []}, asked)
    if image:
        answer = {"taskDefinition": {"containerDefinitions": containers}}
        stub.add_response("describe_task_definition", answer, {"taskDefinition": "app:1"})

    seen = world.deploy.watch.look(world.client("ecs"), "app")

    assert (seen.image, seen.deployments) == (image, {"ecs-svc/1"})
