"""The credentials of a function's role, which the caller may assume for a while."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.exceptions import ClientError

from local.pipeline import wait_for
from ship.aws.access import Access
from ship.aws.errors import is_refusal

PROPAGATION_SECONDS = 2 * 60.0
"""IAM's changes reach all of AWS with some delay: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html"""


@contextmanager
def as_role(access: Access, stack: str, logical_id: str) -> Iterator[boto3.Session]:
    """A session with the credentials of a role of the stack. Only the caller may assume it, and only meanwhile.

    Raises:
        ClientError: AWS refuses.
        Late: the caller couldn't assume the role.
    """
    iam, sts = access.session.client("iam"), access.sts
    described = access.cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId=logical_id)
    role = iam.get_role(RoleName=described["StackResourceDetail"]["PhysicalResourceId"])["Role"]
    found: Any = role["AssumeRolePolicyDocument"]  # decoded
    # A killed run may have left its caller there.
    trust = {**found, "Statement": [each for each in found["Statement"] if "AWS" not in each["Principal"]]}
    caller = {"Effect": "Allow", "Principal": {"AWS": sts.get_caller_identity()["Arn"]}, "Action": "sts:AssumeRole"}
    changed = {**trust, "Statement": [*trust["Statement"], caller]}

    def assumed() -> Any:
        try:
            return sts.assume_role(RoleArn=role["Arn"], RoleSessionName="verify")["Credentials"]
        except ClientError as error:
            if not is_refusal(error):
                raise
            return None

    iam.update_assume_role_policy(RoleName=role["RoleName"], PolicyDocument=json.dumps(changed))
    try:
        made = wait_for("The permission to assume a function's role", assumed, PROPAGATION_SECONDS)
        keys = (made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
        yield boto3.Session(*keys, region_name=access.session.region_name)
    finally:
        iam.update_assume_role_policy(RoleName=role["RoleName"], PolicyDocument=json.dumps(trust))
