"""Somebody who has the deployers' policy, and nothing else, deploys the stack with the real SAM CLI.

The local cloud checks what SAM CLI itself asks for: change sets, SAM's own bucket and what is uploaded there. What
CloudFormation then does in the deployer's name it doesn't: that is compared with AWS's schemas in tests/docs.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from local.account import REGION, ROOT, Account, account
from local.pipeline import Pipeline
from local.progress import UserError
from local.stack import deploy

NAME = "deployer"
POLICY = (ROOT / "docs" / "deployer-policy.json").read_text()
SERVICE = {"ServiceName": "jwt-pizza-service"}
REFUSED: dict[str, Callable[[Pipeline], object]] = {
    "make a user": lambda cloud: cloud.client("iam").create_user(UserName="another"),
    "write a parameter": lambda cloud: cloud.ssm.put_parameter(Name="/x", Value="x", Type="String"),
    "make a bucket of another name": lambda cloud: cloud.s3.create_bucket(Bucket="another"),
    "start a build": lambda cloud: cloud.codebuild.start_build(projectName=SERVICE["ServiceName"]),
    "push an image": lambda cloud: cloud.ecr.get_authorization_token(),
}


@pytest.fixture(scope="module")
def there(engine: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account of its own, without a stack."""
    with account(engine, tmp_path_factory.mktemp("deploying")) as started:
        yield started


def user(there: Account, name: str, policy: str | None) -> tuple[str, str]:
    """The credentials of a new user, who may do what the policy says."""
    iam = Pipeline(there.session(), {}, there.endpoint).client("iam")
    iam.create_user(UserName=name)
    if policy:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


@pytest.fixture(scope="module")
def deployed(there: Account) -> Account:
    """The account with the stack, as the deployer sees it."""
    deployer = replace(there, credentials=user(there, NAME, POLICY))
    assert "ParameterName" in deploy(deployer, SERVICE)
    return deployer


def test_the_deployer_deploys_the_stack_once_more(deployed: Account) -> None:
    assert "ParameterName" in deploy(deployed, {**SERVICE, "KeepImages": "12"})


@pytest.mark.parametrize("what", REFUSED)
def test_the_deployer_may_do_nothing_else(deployed: Account, what: str) -> None:
    session = boto3.Session(*deployed.credentials, region_name=REGION)

    with pytest.raises(ClientError, match=r"AccessDenied|not authorized"):
        REFUSED[what](Pipeline(session, {}, deployed.endpoint))


def test_without_the_policy_nobody_deploys(there: Account, tmp_path: Path) -> None:
    stranger = Account(there.endpoint, tmp_path, user(there, "stranger", None))

    with pytest.raises(UserError, match=r"not authorized|AccessDenied"):
        deploy(stranger, SERVICE)
