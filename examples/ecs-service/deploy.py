"""Deploys template.yaml for the service of a Source to ECR stack.

It looks everything up before it deploys. If it can't look something up, it stops: a guess could move a service into
another network. docs/ecs.md explains how to use it.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import hints
import watch
from botocore.exceptions import BotoCoreError, ClientError

TEMPLATE = Path(__file__).with_name("template.yaml")
SERVICE_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LOOK_SECONDS = 2
# assumes: fargate-arm64-zones
ZONES_WITHOUT_ARM64 = {"use1-az3", "apne3-az2", "apne3-az3"}
DEFAULT_SUBNETS = {"Name": "default-for-az", "Values": ["true"]}


class Problem(Exception):  # noqa: N818  # a message for the user, not a fault of the program
    """Why the service isn't deployed or runs another image, and what to do."""


@dataclass(frozen=True)
class Given:
    """The command line: the service, and the template's parameters by name."""

    service: str
    parameters: dict[str, str]

    @classmethod
    def read(cls, arguments: list[str], known: list[str]) -> "Given":
        """Reads the command line.

        Raises:
            Problem: the command line is wrong, or names a parameter that the template doesn't have.
        """
        service, *rest = arguments or [""]
        if not SERVICE_NAME.fullmatch(service):
            raise Problem("Usage: deploy.sh <ServiceName> [<Parameter of template.yaml>=<value> ...]")
        for each in rest:
            name, equals, _ = each.partition("=")
            if not equals or name not in known:
                raise Problem(f"{each}: give a parameter of template.yaml as Name=value. It has {', '.join(known)}.")
        parameters = dict(each.split("=", 1) for each in rest)
        if "VpcId" in parameters and "SubnetIds" not in parameters:
            raise Problem("VpcId= needs SubnetIds=: subnets of that network, with commas between them.")
        return cls(service, parameters)

    @property
    def stack(self) -> str:
        """The name of the service's stack."""
        return f"{self.service}-ecs"

    @property
    def parameter(self) -> str:
        """The name of the parameter that names the image."""
        return self.parameters.get("ImageUri", f"/{self.service}/image-uri")


def main(arguments: list[str]) -> int:
    """Deploys the service. Returns the exit code."""
    try:
        given = Given.read(arguments, parameters_of(TEMPLATE.read_text()))
        with looking_up("your profile"):
            session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
        if not session.region_name:
            raise Problem("There is no region. Set AWS_REGION to the region of the Source to ECR stack.")
        deploy(given, session)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. CloudFormation goes on with what it has begun.", file=sys.stderr)
        return 130
    return 0


def parameters_of(template: str) -> list[str]:
    """The names of the template's parameters that the command line may set."""
    section = template.partition("\nParameters:\n")[2]
    names = re.findall(r"^  (\w+):$", re.split(r"^\S", section, maxsplit=1, flags=re.MULTILINE)[0], re.MULTILINE)
    return [name for name in names if name != "ServiceName"]


def deploy(given: Given, session: boto3.Session) -> None:
    """Looks everything up, deploys, and checks that the service runs the recorded image.

    Raises:
        Problem: a lookup or the deployment failed, or the service runs another image.
    """
    with looking_up(f"the region {session.region_name}"):
        cloudformation, ecs, ssm = (session.client(name) for name in ("cloudformation", "ecs", "ssm"))
    hint = hints.Hints(given.service, given.stack, given.parameter, session.region_name)
    named = recorded(ssm, given.parameter)
    status = stack_status(cloudformation, given.stack)
    if reason := hint.refusal(status):
        raise Problem(reason)
    network = {} if status else first_network(session.client("ec2"), given.parameters)
    with looking_up(f"the service {given.service}"):
        before = watch.look(ecs, given.service)
    make_service_linked_role(session.client("iam"))

    values = {"ServiceName": given.service, "ImageUri": given.parameter, **network, **given.parameters}
    seen, code = sam_deploy(values, given, session.region_name, ecs, before)
    if code:
        why = seen.since(before).why_it_failed(session.client, given.service)
        print(f"\nThe deployment failed.\n{why.text}", file=sys.stderr)
    with looking_up(f"the service {given.service}"):
        running = watch.look(ecs, given.service).image
    if code:
        raise Problem(hint.after_failure(stack_status(cloudformation, given.stack), before.image, running))
    if running not in {named, newest := recorded(ssm, given.parameter)}:
        raise Problem(hint.not_updated(running, newest))
    print(f"The service runs {running}")


@contextmanager
def looking_up(what: str) -> Iterator[None]:
    """Turns a failed request of the block into a problem that names what was looked up.

    Raises:
        Problem: AWS refuses a request of the block, or doesn't answer it.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Problem(f"deploy.sh stopped, because it couldn't look up {what}. {error}") from error


def recorded(ssm: Any, parameter: str) -> str:
    """The URI of the recorded image."""
    with looking_up(f"the parameter {parameter}"):
        try:
            return str(ssm.get_parameter(Name=parameter)["Parameter"]["Value"])
        except ssm.exceptions.ParameterNotFound as error:
            text = f"Nothing is recorded in {parameter} yet. Upload a source first, and wait until it is recorded."
            raise Problem(text) from error


def stack_status(cloudformation: Any, stack: str) -> str | None:
    """The stack's status. None if there is no stack, or only a change set that was never executed."""
    with looking_up(f"the stack {stack}"):
        try:
            (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
    return None if found["StackStatus"] == "REVIEW_IN_PROGRESS" else str(found["StackStatus"])


def first_network(ec2: Any, given: dict[str, str]) -> dict[str, str]:
    """The network for a first deployment: the account's default network, unless another one is given.

    Later deployments keep it.

    Raises:
        Problem: there is no default network, or none of its zones has ARM64.
    """
    if given.keys() >= {"VpcId", "SubnetIds"}:
        return {}
    if "SubnetIds" in given:
        raise Problem("SubnetIds= needs VpcId=, the subnets' network.")
    with looking_up("the account's default network"):
        vpcs = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
        filters = [{"Name": "vpc-id", "Values": [each["VpcId"] for each in vpcs]}, DEFAULT_SUBNETS]
        found = ec2.describe_subnets(Filters=filters)["Subnets"] if vpcs else []
    subnets = sorted(each["SubnetId"] for each in found if each["AvailabilityZoneId"] not in ZONES_WITHOUT_ARM64)
    if not subnets:
        raise Problem(
            "There is no default network with ARM64 here: give VpcId= and SubnetIds=, with commas between subnets."
        )
    return {"VpcId": vpcs[0]["VpcId"], "SubnetIds": ",".join(subnets)}


def make_service_linked_role(iam: Any) -> None:
    """Creates ECS's own role early. A new account's first cluster creates it too late: the role takes time to work."""
    try:
        # assumes: ecs-service-linked-role
        iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    except (BotoCoreError, ClientError):
        return  # it exists already, or CloudFormation will report that it doesn't


def sam_deploy(
    values: dict[str, str], given: Given, region: str, ecs: Any, before: watch.Seen
) -> tuple[watch.Seen, int]:
    """Runs `sam deploy` and watches ECS at the same time. Returns what was seen, and SAM CLI's exit code."""
    command = ["sam", "deploy", "--template-file", str(TEMPLATE), "--stack-name", given.stack, "--region", region]
    # Express mode can leave a service on its old image. assumes: express-mode-skips-service, service-update-waits
    command += ["--no-express", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset"]
    command += ["--no-fail-on-empty-changeset", "--no-progressbar"]
    command += ["--parameter-overrides", *(quoted(name, value) for name, value in values.items())]
    seen = before
    with subprocess.Popen(command) as process:
        while True:
            try:
                return seen, process.wait(LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                seen = watch.look_if_possible(ecs, given.service, seen)


def quoted(name: str, value: str) -> str:
    """The parameter in quotes, because SAM CLI ends an unquoted value at its first space."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{name}="{escaped}"'


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
