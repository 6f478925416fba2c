"""Deploys the pipeline's stack to the account with the real SAM CLI, under a run's names."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from local.emulator import ROOT
from local.pipeline import Pipeline, wait_for
from local.progress import UserError, step
from ship.aws.access import Access
from ship.aws.cloudformation import MISSING
from ship.aws.errors import code_of
from verify.run import TAG, Run

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

GONE = "gone"
NEVER_EXECUTED = "REVIEW_IN_PROGRESS"
"""The status of a stack whose change set nobody executed. It stays so."""
SETTLE_SECONDS = 1800.0
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
"""Of these variables a tool takes the credentials, even if it is given a profile."""
NEVER_DEPLOYED = "ROLLBACK_COMPLETE"
"""The status of a stack whose first deployment failed. It can only be deleted."""
END = 25
"""How many of a tool's last lines an error shows."""


def deploy(access: Access, run: Run, stack: str, parameters: Mapping[str, str], source: Path = ROOT) -> Pipeline:
    """Builds and deploys the source's template as this stack.

    Raises:
        UserError: SAM CLI failed. The text has the end of its output.
    """
    make_room(access, stack)
    with step(f"sam build, and sam deploy of {stack}"), tempfile.TemporaryDirectory() as built:
        sam(access, "build", "--build-dir", built, "--template", str(source / "template.yaml"))
        overrides = [f"{name}={value}" for name, value in parameters.items()]
        command = ["deploy", "--template-file", f"{built}/template.yaml", "--stack-name", stack, "--resolve-s3"]
        command += ["--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset"]
        command += ["--no-progressbar", "--tags", f"{TAG}={run.id}", "--parameter-overrides", *overrides]
        sam(access, *command)
    (described,) = access.cloudformation.describe_stacks(StackName=stack)["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}
    return Pipeline(access.session, outputs, os.environ.get("AWS_ENDPOINT_URL"), stack)


def make_room(access: Access, stack: str) -> None:
    """Waits until nothing is under way in the stack, and deletes it if its first deployment failed."""
    if settle(access, stack) == NEVER_DEPLOYED:
        access.cloudformation.delete_stack(StackName=stack)
        settle(access, stack)


def settle(access: Access, stack: str) -> str:
    """The stack's status once nothing is under way in it, such as the deployment of a run that was killed."""

    def settled() -> str | None:
        try:
            (described,) = access.cloudformation.describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if code_of(error) != MISSING:
                raise
            return GONE
        status = described["StackStatus"]
        return None if status.endswith("_IN_PROGRESS") and status != NEVER_EXECUTED else status

    return wait_for(f"The end of what is under way in {stack}", settled, SETTLE_SECONDS)


def made(access: Access, stack: str) -> set[str]:
    """The types of what the stack's deployment created, even if it was rolled back."""
    return {each["ResourceType"] for each in events(access, stack) if each["ResourceStatus"] == "CREATE_COMPLETE"}


def failures(access: Access, stack: str) -> list[str]:
    """Why the stack's resources failed, as CloudFormation says it."""
    failed = [each for each in events(access, stack) if each["ResourceStatus"].endswith("_FAILED")]
    return [each.get("ResourceStatusReason", "") for each in failed]


def events(access: Access, stack: str) -> "list[StackEventTypeDef]":
    """The stack's events. Empty if there is no such stack.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
    """
    try:
        pages = access.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
        return [event for page in pages for event in page["StackEvents"]]
    except ClientError as error:
        if code_of(error) != MISSING:
            raise
        return []


def sam(access: Access, *arguments: str) -> None:
    """Runs SAM CLI.

    Raises:
        UserError: it failed.
    """
    ended = run_tool(access, [str(Path(sys.executable).parent / "sam"), *arguments])
    if ended.returncode:
        tail = "\n".join(ended.stdout.splitlines()[-END:])
        raise UserError(f"sam {arguments[0]} failed:\n{tail}")


def run_tool(access: Access, command: list[str]) -> "subprocess.CompletedProcess[str]":
    """The result of a tool, run with the run's credentials and region, whatever else the environment says."""
    inherited = {name: value for name, value in os.environ.items() if not (access.profile and name in KEYS)}
    region = access.session.region_name
    chosen = {"AWS_PROFILE": access.profile or "", "AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**inherited, "SAM_CLI_TELEMETRY": "0", **{name: value for name, value in chosen.items() if value}},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
