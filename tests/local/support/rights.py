"""Roles that a test takes itself."""

from typing import Any

import boto3

from local.emulator import REGION
from local.pipeline import Pipeline
from tests.local.support.resources import deploy, role

ROOT = {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}
BUILDS = "arn:aws:codebuild:us-east-1:000000000000:project/builds"


def taken(cloud: Pipeline, name: str, *statements: dict[str, Any]) -> Pipeline:
    """The account as somebody sees it who has these rights and no others."""
    output = {"Arn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}}
    arn = deploy(cloud, name, {"Resources": {"Role": role(ROOT, *statements)}, "Outputs": output})["Arn"]
    session = cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName="somebody")["Credentials"]
    return Pipeline(
        boto3.Session(
            aws_access_key_id=session["AccessKeyId"],
            aws_secret_access_key=session["SecretAccessKey"],
            aws_session_token=session["SessionToken"],
            region_name=REGION,
        ),
        cloud.outputs,
        cloud.endpoint,
    )
