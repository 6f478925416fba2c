"""What deploy.sh looks up, when it stops, and what it asks SAM CLI for."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from samcli.commands.deploy.command import cli

from tests.examples.support.world import DEFAULT, NEW, World, clients


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
    with pytest.raises(world.deploy.Problem, match=f"^{said}"):
        world.deploy.Given.read(arguments)


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
