"""What auto-deploy.sh looks up, and which stack it refuses, with stand-ins for the AWS CLI and SAM CLI."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.stack import ROOT

AWS = """#!/bin/sh
case "$*" in
  *DeploymentParameterName*) cat "$(dirname "$0")/known" ;;
  *"--stack-name source-to-ecr "*NewsTopicArn*) echo arn:aws:sns:us-east-1:123456789012:news ;;
  *"--stack-name app-ecs "*AutoDeploy*) echo ServiceName=app ClusterName=app ;;
  *) exit 255 ;;
esac
"""
SAM = """#!/bin/sh
printf '%s\\n' "$@" > "$(dirname "$0")/asked"
"""


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """The folder of the stand-ins, in a clone with the script."""
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    for name, text in (("aws", AWS), ("sam", SAM)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    example = tmp_path / "examples" / "ecs-service"
    example.mkdir(parents=True)
    shutil.copy(ROOT / "examples" / "ecs-service" / "auto-deploy.sh", example)
    return folder


def run(tools: Path, known: str) -> subprocess.CompletedProcess[str]:
    """Runs the script. `known` is what the AWS CLI prints for the output of the main stack."""
    (tools / "known").write_text(known)
    script = tools.parents[1] / "examples" / "ecs-service" / "auto-deploy.sh"
    return subprocess.run([script, "app", "source-to-ecr"], capture_output=True, text=True, check=False)


def test_it_deploys_with_what_it_found(tools: Path) -> None:
    ended = run(tools, "/app/deployment\n")

    assert (ended.returncode, ended.stderr) == (0, "")
    asked = (tools / "asked").read_text().splitlines()
    assert asked[asked.index("--stack-name") + 1] == "app-auto-deploy"
    assert asked[asked.index("--parameter-overrides") + 1 :] == [
        "ServiceName=app",
        "ClusterName=app",
        "NewsTopicArn=arn:aws:sns:us-east-1:123456789012:news",
    ]


@pytest.mark.parametrize("known", ["", "\n", "None\n"], ids=["nothing", "an empty line", "no outputs"])
def test_it_refuses_a_stack_that_does_not_know_its_records_before_it_deploys_anything(tools: Path, known: str) -> None:
    ended = run(tools, known)

    assert (ended.returncode, ended.stdout) == (1, "")
    expected = "Update the stack source-to-ecr first: its RecordImage doesn't know auto-deploy's records yet.\n"
    assert ended.stderr == expected
    assert not (tools / "asked").exists()
