"""An account for the runs of `make verify-aws` in a file."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local.emulator import ROOT, Account, local_cloud
from local.pipeline import Pipeline
from tests.docs.support.documents import blocks, section

PAGE = ROOT / "docs" / "operating" / "verifying.md"
NUMBER = "111122223333"


@pytest.fixture(scope="module")
def account(docker: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account of its own, as a user with the policies of the page sees it."""
    with local_cloud(docker, tmp_path_factory.mktemp("verifying")) as started:
        there = started.beside(NUMBER)
        iam = Pipeline(there.session(), {}, there.endpoint).client("iam")
        iam.create_user(UserName="verifier")
        for name, policy in policies(tmp_path_factory.mktemp("policies")).items():
            iam.put_user_policy(UserName="verifier", PolicyName=name, PolicyDocument=policy)
        key = iam.create_access_key(UserName="verifier")["AccessKey"]
        yield replace(there, credentials=(key["AccessKeyId"], key["SecretAccessKey"]))


def policies(folder: Path) -> dict[str, str]:
    """The page's three policies, as its command makes the first."""
    command = blocks(section(PAGE, "Permissions"), "bash")[0]
    subprocess.run(["bash", "-euc", command.replace("> ", f"> {folder}/")], cwd=ROOT, check=True)
    (made,) = folder.iterdir()
    beyond, fargate = PAGE.parent / "verifier-policy.json", ROOT / "verify" / "fargate" / "policy.json"
    written = {"verifier": beyond.read_text(), "fargate": fargate.read_text()}
    return {"deployer": made.read_text(), **written}
