"""Deploys template.yaml for the service of a Source to ECR stack.

It looks everything up before it deploys. If it can't look something up, it stops: a guess could move a service into
another network. docs/ecs.md explains how to use it.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import hints
import network
import rules
import watch
from botocore.exceptions import BotoCoreError, ClientError
from problems import Problem, looking_up
from samcli.yamlhelper import yaml_parse

TEMPLATE = Path(__file__).with_name("template.yaml")
SERVICE_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LOOK_SECONDS = 2


@dataclass(frozen=True)
class Given:
    """The command line: the service, and the template's parameters by name."""

    service: str
    parameters: dict[str, str]

    @classmethod
    def read(cls, arguments: list[str]) -> "Given":
        """Reads the command line.

        Raises:
            Problem: the command line is wrong, or names a parameter that the template doesn't have.
        """
        service, *rest = arguments or [""]
        if not SERVICE_NAME.fullmatch(service):
            raise Problem("Usage: deploy.sh <ServiceName> [<Parameter of template.yaml>=<value> ...]")
        known = [name for name in template()["Parameters"] if name != "ServiceName"]
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
        given = Given.read(arguments)
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


@cache
def template() -> dict[str, Any]:
    """The template, with its functions in their long form."""
    return dict(yaml_parse(TEMPLATE.read_text()))


def deploy(given: Given, session: boto3.Session) -> None:
    """Looks everything up, deploys, and checks that the service runs the recorded image.

    Raises:
        Problem: a lookup or the deployment failed, or the service runs another image.
    """
    with looking_up(f"the region {session.region_name}"):
        cloudformation, ecs, ssm = (session.client(name) for name in ("cloudformation", "ecs", "ssm"))
    hint = hints.Hints(given.service, given.stack, given.parameter, session.region_name)
    named = recorded(ssm, given.parameter)
    stack = described(cloudformation, given.stack)
    if reason := hint.refusal(stack.get("StackStatus")):
        raise Problem(reason)
    values = wanted(given, stack, session.client("ec2"))
    with looking_up(f"the service {given.service}"):
        before = watch.look(ecs, given.service)
    make_service_linked_role(session.client("iam"))

    seen, code = sam_deploy(values, given, session.region_name, ecs, before)
    if code:
        why = seen.since(before).why_it_failed(session.client, given.service)
        print(f"\nThe deployment failed.\n{why.text}", file=sys.stderr)
    with looking_up(f"the service {given.service}"):
        running = watch.look(ecs, given.service).image
    if code:
        status = described(cloudformation, given.stack).get("StackStatus")
        raise Problem(hint.after_failure(status, before.image, running))
    if running not in {named, newest := recorded(ssm, given.parameter)}:
        raise Problem(hint.not_updated(running, newest))
    print(f"The service runs {running}")


def recorded(ssm: Any, parameter: str) -> str:
    """The URI of the recorded image."""
    with looking_up(f"the parameter {parameter}"):
        try:
            return str(ssm.get_parameter(Name=parameter)["Parameter"]["Value"])
        except ssm.exceptions.ParameterNotFound as error:
            text = f"Nothing is recorded in {parameter} yet. Upload a source first, and wait until it is recorded."
            raise Problem(text) from error


def described(cloudformation: Any, stack: str) -> dict[str, Any]:
    """The stack as CloudFormation describes it. Empty if there is none, or only a change set that never ran."""
    with looking_up(f"the stack {stack}"):
        try:
            (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return {}
            raise
    return {} if found["StackStatus"] == "REVIEW_IN_PROGRESS" else dict(found)


def wanted(given: Given, stack: dict[str, Any], ec2: Any) -> dict[str, str]:
    """The parameters to set in this deployment. Those that aren't set keep the stack's values.

    Raises:
        Problem: the parameters contradict each other, or the network isn't complete.
    """
    kept = {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])}
    if wrong := rules.broken(template(), kept | given.parameters):
        raise Problem("\n".join(wrong))
    # CloudFormation makes the new one first, and a target group has only one (TargetGroupAssociationLimit of ELB).
    if {kept.get("LoadBalancer"), given.parameters.get("LoadBalancer")} == {"yes", "internal"}:
        raise Problem("A load balancer can't be moved. Deploy with LoadBalancer=no first, then with the other one.")
    found = {} if stack else network.first_network(ec2, given.parameters)
    values = {"ServiceName": given.service, "ImageUri": given.parameter, **found, **given.parameters}
    balancer = (kept | values).get("LoadBalancerSubnetIds")
    if balancer and given.parameters.keys() & {"SubnetIds", "LoadBalancerSubnetIds"}:
        network.require_zones(ec2, (kept | values)["SubnetIds"], balancer)
    return values


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
