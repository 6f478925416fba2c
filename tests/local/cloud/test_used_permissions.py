"""The local cloud records which policy allowed a request."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError

from local.cloud.shared.live_settings import USED_PERMISSIONS
from local.emulator import REGION, Account
from local.pipeline import Pipeline
from tests.local.support.resources import statement
from tests.local.support.rights import taken


def test_a_request_is_recorded_once_with_the_policy_that_allowed_it_unless_a_deny_refused_it(
    cloud: Pipeline, here: Account, unique: str
) -> None:
    allowed = statement(["ssm:DescribeParameters", "ssm:PutParameter"], "*")
    denied = {"Effect": "Deny", "Action": "ssm:PutParameter", "Resource": "*"}
    ssm = taken(cloud, unique, allowed, denied).ssm
    ssm.describe_parameters()
    ssm.describe_parameters()
    with pytest.raises(ClientError, match="AccessDenied"):
        ssm.get_parameter(Name=f"/{unique}")
    with pytest.raises(ClientError, match="AccessDenied"):
        ssm.put_parameter(Name=f"/{unique}", Value="x", Type="String")

    lines = map(json.loads, (here.folder / USED_PERMISSIONS).read_text().splitlines())
    used = [(each["policy"], each["action"]) for each in lines if each["principal"].startswith(f"{unique}-Role-")]
    assert used == [("own", "ssm:DescribeParameters"), ("", "ssm:GetParameter")]


def test_a_managed_policy_is_recorded_by_its_arn(cloud: Pipeline, here: Account, unique: str) -> None:
    iam = cloud.client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement(["ssm:DescribeParameters"], "*")]})
    arn = iam.create_policy(PolicyName=unique, PolicyDocument=document)["Policy"]["Arn"]
    iam.create_user(UserName=unique)
    iam.attach_user_policy(UserName=unique, PolicyArn=arn)
    key = iam.create_access_key(UserName=unique)["AccessKey"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION)
    session.client("ssm", endpoint_url=cloud.endpoint).describe_parameters()

    lines = map(json.loads, (here.folder / USED_PERMISSIONS).read_text().splitlines())
    used = [each for each in lines if each["principal"] == unique]
    assert used == [{"principal": unique, "policy": arn, "action": "ssm:DescribeParameters", "resource": "*"}]
