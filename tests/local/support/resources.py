"""What the tests deploy into the local cloud: small stacks of their own."""

import json
from typing import Any

from local.cloud.builds.buildspec import PHASES
from local.pipeline import Pipeline, wait_for
from tests.support.waiting import PATIENCE

PROJECT = "builds"
"""Runs what a build's variables FIRST and SECOND hold."""
PHASED_PROJECT = "phased"
"""Prints the name of each phase, and runs what FIRST holds in those whose name matches SECOND."""
STRANGE_PROJECT = "strange"
"""Has a buildspec that the local cloud doesn't run."""
COMMANDS = ['eval "$FIRST"', 'eval "$SECOND"']
READABLE = "/readable"
"""The one parameter that the role of the builds may read."""


def statement(actions: list[str], resource: Any, **more: Any) -> dict[str, Any]:
    """A statement that allows something."""
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def role(principal: dict[str, Any], *statements: dict[str, Any]) -> dict[str, Any]:
    """A role that the principal may take."""
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [{"PolicyName": "own", "PolicyDocument": policy}],
        },
    }


def buildspec(commands: list[str], **more: Any) -> dict[str, Any]:
    """A buildspec of the stack's form, with commands in its phase `build` alone."""
    phases = {"build": {"on-failure": "ABORT", "commands": commands}}
    return {"version": 0.2, "env": {"shell": "bash"}, "phases": phases, **more}


def phased() -> dict[str, Any]:
    """A buildspec with a command in each phase."""
    commands = {name: [f'echo {name}; case {name} in $SECOND) eval "$FIRST" ;; esac'] for name in PHASES}
    return buildspec([]) | {
        "phases": {name: {"on-failure": "ABORT", "commands": each} for name, each in commands.items()}
    }


def project(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    """A project of the stack's form: no source, its log in a group of the stack."""
    variables = {"FIRST": "true", "SECOND": "true", "OF_THE_PROJECT": "the project's", "OF_BOTH": "the project's"}
    return {
        "Type": "AWS::CodeBuild::Project",
        "Properties": {
            "Name": name,
            "ServiceRole": {"Fn::GetAtt": ["BuildRole", "Arn"]},
            "Source": {"Type": "NO_SOURCE", "BuildSpec": json.dumps(spec)},
            "Artifacts": {"Type": "NO_ARTIFACTS"},
            "Environment": {
                "Type": "ARM_CONTAINER",
                "ComputeType": "BUILD_GENERAL1_SMALL",
                "Image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
                "ImagePullCredentialsType": "CODEBUILD",
                "PrivilegedMode": True,
                "EnvironmentVariables": [{"Name": each, "Value": value} for each, value in variables.items()],
            },
            "TimeoutInMinutes": 30,
            "LogsConfig": {"CloudWatchLogs": {"Status": "ENABLED", "GroupName": {"Ref": "BuildLogs"}}},
        },
    }


def building() -> dict[str, Any]:
    """Three projects, with the role and the log group of their builds."""
    readable = {"Fn::Sub": f"arn:aws:ssm:${{AWS::Region}}:${{AWS::AccountId}}:parameter{READABLE}"}
    logging = statement(["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": ["BuildLogs", "Arn"]})
    return {
        "Resources": {
            "BuildLogs": {"Type": "AWS::Logs::LogGroup"},
            "BuildRole": role(
                {"Service": "codebuild.amazonaws.com"}, logging, statement(["ssm:GetParameter"], readable)
            ),
            "Build": project(PROJECT, buildspec(COMMANDS)),
            "Phased": project(PHASED_PROJECT, phased()),
            "Strange": project(STRANGE_PROJECT, buildspec(COMMANDS, artifacts={"files": ["**/*"]})),
        },
        "Outputs": {
            "LogGroup": {"Value": {"Ref": "BuildLogs"}},
            "LogGroupArn": {"Value": {"Fn::GetAtt": ["BuildLogs", "Arn"]}},
            "RoleName": {"Value": {"Ref": "BuildRole"}},
        },
    }


def deploy(cloud: Pipeline, name: str, template: dict[str, Any]) -> dict[str, str]:
    """The outputs of the stack, when it is there."""
    client = cloud.client("cloudformation")
    client.create_stack(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"])

    def look() -> Any:
        (stack,) = client.describe_stacks(StackName=name)["Stacks"]
        return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

    stack = wait_for(f"The stack {name}", look, PATIENCE)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
