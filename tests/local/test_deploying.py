"""Somebody who has the deployers' policy, and nothing else, deploys the stack with the real SAM CLI.

The local cloud checks what SAM CLI itself asks for: to make, read and execute change sets, to read stacks and their
events, and to upload to SAM's own bucket. What CloudFormation then does in the deployer's name it doesn't, the making
of that bucket included: that is compared with AWS's schemas in tests/docs.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from local.cloud.shared.live_settings import USED_PERMISSIONS
from local.emulator import REGION, ROOT, Account, local_cloud
from local.pipeline import Pipeline
from local.sam import outputs
from tests.docs.operating.test_deploying import allowed, asked_for, types
from tests.support.stack import Stack

pytestmark = pytest.mark.slow

NAME = "deployer"
POLICY = (ROOT / "docs" / "operating" / "deployer-policy.json").read_text()
SERVICE = "jwt-pizza-service"
SAM = Path(sys.executable).parent / "sam"
# What `sam deploy --guided` asks, before and after the template's parameters; it offers an answer to each of them.
BEFORE = ["Stack Name", "AWS Region"]
AFTER = [
    "Confirm changes before deploy",
    "Allow SAM CLI IAM role creation",
    "Disable rollback",
    "Save arguments to configuration file",
    "SAM configuration file",
    "SAM configuration environment",
]
NOT_USED = {
    "cloudformation:DeleteStack": "make uninstall requests it",
    "cloudformation:ListImports": "make uninstall requests it",
    "cloudformation:ListStacks": "make uninstall requests it",
    "cloudformation:TagResource": "the emulator doesn't check it",
    "ssm:DescribeParameters": "make uninstall requests it",
}
"""What the policy allows that SAM CLI doesn't use here, and CloudFormation's schemas don't ask for."""
REFUSED: dict[str, Callable[[Pipeline], object]] = {
    "make a user": lambda cloud: cloud.client("iam").create_user(UserName="another"),
    "read a parameter": lambda cloud: cloud.ssm.get_parameter(Name="/x"),
    "write a parameter": lambda cloud: cloud.ssm.put_parameter(Name="/x", Value="x", Type="String"),
    "make a bucket of another name": lambda cloud: cloud.s3.create_bucket(Bucket="another"),
    "start a build": lambda cloud: cloud.codebuild.start_build(projectName=SERVICE),
    "push an image": lambda cloud: cloud.ecr.get_authorization_token(),
}


@pytest.fixture(scope="module")
def there(engine: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account of its own, without a stack."""
    with local_cloud(engine, tmp_path_factory.mktemp("deploying")) as started:
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
def deployer(there: Account) -> Account:
    """The account as the deployer uses it."""
    return replace(there, credentials=user(there, NAME, POLICY))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what SAM CLI reads and writes."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("template.yaml", "samconfig.toml"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "functions", folder / "functions", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def deployed(deployer: Account, project: Path) -> Account:
    """The account after the first deployment, in which the deployer keeps all answers but the last."""
    sam(deployer, project, ["build"])
    sam(deployer, project, ["deploy", "--guided"], kept_answers() + "y\n")
    return deployer


def kept_answers() -> str:
    """Enter, for each question that comes before the last."""
    return "\n" * len([*BEFORE, *Stack.from_file().document["Parameters"], *AFTER])


def sam(there: Account, folder: Path, arguments: list[str], answers: str = "") -> str:
    """What SAM CLI prints when it succeeds."""
    ended = run_sam(there, folder, arguments, answers)
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


def run_sam(
    there: Account, folder: Path, arguments: list[str], answers: str = ""
) -> "subprocess.CompletedProcess[str]":
    """What SAM CLI did, with what it printed, its errors included."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [SAM, *arguments],
        cwd=folder,
        env={**inherited, **there.environment, "PATH": f"{SAM.parent}{os.pathsep}{os.environ['PATH']}"},
        input=answers,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_the_deployer_deploys_the_stack_guided_and_then_with_a_question_except_in_ci(
    deployed: Account, project: Path
) -> None:
    """tests/template/test_operations.py has which environments ask: SAM CLI reads that of each alike."""
    changed = ["deploy", "--parameter-overrides", "KeepImages=11"]
    in_ci = ["deploy", "--config-env", "ci", "--parameter-overrides", "KeepImages=14"]

    assert outputs(deployed)["ParameterName"] == "/jwt-pizza-service/image-uri"
    assert f'region = "{REGION}"' in (project / "samconfig.toml").read_text()
    assert "Deploy this changeset? [y/N]" in sam(deployed, project, changed, "\n")
    assert "No changes to deploy" in sam(deployed, project, ["deploy"]), "the answers are kept, and No is the default"
    said = sam(deployed, project, in_ci)
    assert "Successfully created/updated stack - source-to-ecr" in said
    assert "Deploy this changeset?" not in said


def test_the_deployer_uses_what_the_policy_allows_beside_cloudformation_s_own_requests(
    deployed: Account, project: Path
) -> None:
    sam(deployed, project, ["deploy", "--config-env", "ci"])  # requests more than a first deployment does
    lines = map(json.loads, (deployed.folder / USED_PERMISSIONS).read_text().splitlines())
    used = {each["action"] for each in lines if each["principal"] == NAME}
    asked_for_by_cloudformation = {action for kind in types() for action in asked_for(kind)}
    rest = {each for each in allowed() if not any(fnmatchcase(action, each) for action in asked_for_by_cloudformation)}

    assert {each for each in rest if not any(fnmatchcase(action, each) for action in used)} == NOT_USED.keys()


@pytest.mark.parametrize("what", REFUSED)
def test_the_deployer_may_do_nothing_else(deployed: Account, what: str) -> None:
    session = boto3.Session(*deployed.credentials, region_name=REGION)

    with pytest.raises(ClientError, match=r"AccessDenied|not authorized"):
        REFUSED[what](Pipeline(session, {}, deployed.endpoint))


def test_without_the_policy_nobody_deploys(there: Account, deployed: Account, project: Path, tmp_path: Path) -> None:
    stranger = Account(there.endpoint, tmp_path, user(there, "stranger", None))

    refused = run_sam(stranger, project, ["deploy", "--config-env", "ci"])
    assert refused.returncode == 1
    assert re.search("not authorized|AccessDenied", refused.stdout)
