"""Deploys the pipeline's stack to the account with the real SAM CLI, under a run's names."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from botocore.exceptions import ClientError

from local.emulator import ROOT
from local.pipeline import Pipeline, wait_for
from local.progress import UserError, step
from ship.aws.access import Access
from ship.aws.cloudformation import MISSING
from ship.aws.errors import code_of
from verify.run import TAG, Run

NEVER_EXECUTED = "REVIEW_IN_PROGRESS"
"""The status of a stack whose change set nobody executed. It stays so."""
SETTLE_SECONDS = 1800.0
END = 25
"""How many of a tool's last lines an error shows."""


def deploy(access: Access, run: Run, stack: str, parameters: Mapping[str, str]) -> Pipeline:
    """Builds and deploys the template as this stack.

    Raises:
        UserError: SAM CLI failed. The text has the end of its output.
    """
    settle(access, stack)
    with step(f"sam build, and sam deploy of {stack}"), tempfile.TemporaryDirectory() as built:
        sam(access, "build", "--build-dir", built, "--template", str(ROOT / "template.yaml"))
        overrides = [f"{name}={value}" for name, value in parameters.items()]
        command = ["deploy", "--template-file", f"{built}/template.yaml", "--stack-name", stack, "--resolve-s3"]
        command += ["--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset"]
        command += ["--no-progressbar", "--tags", f"{TAG}={run.id}", "--parameter-overrides", *overrides]
        sam(access, *command)
    (described,) = access.cloudformation.describe_stacks(StackName=stack)["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}
    return Pipeline(access.session, outputs, os.environ.get("AWS_ENDPOINT_URL"), stack)


def settle(access: Access, stack: str) -> None:
    """Returns when nothing is under way in the stack, such as the deployment of a run that was killed."""

    def settled() -> bool:
        try:
            (described,) = access.cloudformation.describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if code_of(error) != MISSING:
                raise
            return True
        status = described["StackStatus"]
        return status == NEVER_EXECUTED or not status.endswith("_IN_PROGRESS")

    wait_for(f"The end of what is under way in {stack}", settled, SETTLE_SECONDS)


def failures(access: Access, stack: str) -> list[str]:
    """Why the stack's resources failed, as CloudFormation says it. Empty if there is no such stack.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
    """
    try:
        pages = access.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
        events = [event for page in pages for event in page["StackEvents"]]
    except ClientError as error:
        if code_of(error) != MISSING:
            raise
        return []
    return [each.get("ResourceStatusReason", "") for each in events if each["ResourceStatus"].endswith("_FAILED")]


def sam(access: Access, *arguments: str) -> None:
    """Runs SAM CLI with the caller's profile and region.

    Raises:
        UserError: it failed.
    """
    chosen = {"AWS_PROFILE": access.profile, "AWS_REGION": access.region, "AWS_DEFAULT_REGION": access.region}
    ended = subprocess.run(
        [Path(sys.executable).parent / "sam", *arguments],
        cwd=ROOT,
        env={**os.environ, "SAM_CLI_TELEMETRY": "0", **{name: value for name, value in chosen.items() if value}},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode:
        tail = "\n".join(ended.stdout.splitlines()[-END:])
        raise UserError(f"sam {arguments[0]} failed:\n{tail}")
