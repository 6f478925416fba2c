"""Another repository's workflow uploads its source and waits, as an uploader; the document's commands make its role."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

from samcli.yamlhelper import yaml_parse

from local.emulator import ROOT, Account
from local.pipeline import Pipeline
from local.sources.samples import BASE, SERVES
from tests.docs.support.documents import blocks
from tests.e2e.support.shell import run
from tests.e2e.support.uploader import Uploader
from tests.e2e.support.waiting import SECONDS

WORKFLOW = yaml_parse((ROOT / "examples" / "github-actions" / "upload.yml").read_text())
(SCRIPT,) = [step["run"] for step in WORKFLOW["jobs"]["image"]["steps"] if "run" in step]
KEY = "jwt-pizza-service.zip"


def pushed(uploader: Uploader, folder: Path, dockerfile: str) -> "subprocess.CompletedProcess[str]":
    """What the workflow's step did in a repository with this Dockerfile, as GitHub runs it."""
    (folder / "Dockerfile").write_text(dockerfile)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "x"]):
        subprocess.run([*git, *command], cwd=folder, check=True)
    credentials = uploader.pipeline.session.get_credentials()
    assert credentials
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", SCRIPT],
        cwd=folder,
        env={
            **os.environ,
            **uploader.here.environment,
            "AWS_ACCESS_KEY_ID": str(credentials.access_key),
            "AWS_SECRET_ACCESS_KEY": str(credentials.secret_key),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "BUCKET": uploader.pipeline.bucket,
            "KEY": KEY,
            "GITHUB_OUTPUT": str(folder / "output"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


def test_a_push_is_uploaded_and_its_image_is_an_output(uploader: Uploader, pipeline: Pipeline, tmp_path: Path) -> None:
    ended = pushed(uploader, tmp_path, f"{BASE}{SERVES}")

    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "output").read_text() == f"uri={pipeline.recorded()}\n"


def test_a_push_that_does_not_build_fails_with_the_reason(uploader: Uploader, tmp_path: Path) -> None:
    ended = pushed(uploader, tmp_path, f"{BASE}RUN cat /nowhere\n{SERVES}")

    assert ended.returncode == 1
    assert "::error::build-failed: " in ended.stdout
    assert "/nowhere" in ended.stdout
    assert not (tmp_path / "output").exists()


def test_the_role_has_the_uploaders_policy_alone_and_is_for_one_branch_of_one_repository(
    here: Account, pipeline: Pipeline
) -> None:
    (commands,) = blocks((ROOT / "docs" / "ci.md").read_text(), "bash")
    # The emulator's CloudFormation can't make an identity provider.
    printed = run(here, commands.replace("Repository=", "MakeProvider=no Repository="), ROOT)

    iam, role = pipeline.client("iam"), printed.strip().rpartition("/")[2]
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert [each["PolicyArn"] for each in attached] == [pipeline.outputs["UploaderPolicyArn"]]
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == []
    document = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    (statement,) = (document if isinstance(document, dict) else json.loads(unquote(document)))["Statement"]
    assert statement["Principal"]["Federated"].endswith(":oidc-provider/token.actions.githubusercontent.com")
    assert statement["Condition"]["StringEquals"] == {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": "repo:jwt-pizza/jwt-pizza-service:ref:refs/heads/main",
    }
