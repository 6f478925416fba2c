"""The README's commands, run as they stand there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.account import ROOT, Account
from local.pipeline import Pipeline, Upload
from tests.docs.documents import blocks, section
from tests.e2e.uploads import SECONDS, good

KEY = "jwt-pizza-service.zip"


def run(here: Account, heading: str, folder: Path, **variables: str) -> list[str]:
    """What the bash blocks below a heading print, each in a shell of its own that ends at the first error."""
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return [
        subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block],
            cwd=folder,
            env={**os.environ, **here.environment, "PATH": tools, **variables},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for block in blocks(section(ROOT / "README.md", heading), "bash")
    ]


@pytest.fixture(scope="module")
def uploaded(here: Account, pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Upload:
    """The upload that the README's commands make of a folder under git."""
    folder = tmp_path_factory.mktemp("service") / "hello"
    shutil.copytree(ROOT / "examples" / "hello", folder)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "x"]):
        subprocess.run([*git, *command], cwd=folder, check=True)
    run(here, "Upload", folder, BUCKET=pipeline.bucket)
    return Upload(KEY, pipeline.s3.head_object(Bucket=pipeline.bucket, Key=KEY)["VersionId"])


def test_the_result_is_read_from_the_upload_and_from_the_parameter(
    here: Account, pipeline: Pipeline, uploaded: Upload, tmp_path: Path
) -> None:
    recorded = pipeline.wait_until_recorded(uploaded, SECONDS)
    status, uri = run(here, "Read the result", tmp_path, BUCKET=pipeline.bucket)
    assert pipeline.tags(uploaded)["image-tag"] in status
    assert uri.strip() == recorded


def test_a_rollback_is_two_commands(here: Account, pipeline: Pipeline, first: Upload, tmp_path: Path) -> None:
    pipeline.wait_until_recorded(pipeline.upload(KEY, good("to be rolled back")), SECONDS)
    older = pipeline.image_of(first)
    (history_and_rollback,) = run(here, "Let ECS deploy it", tmp_path, OLDER_URI=older)
    assert older in history_and_rollback
    assert pipeline.recorded() == older


def test_deploying_again_as_in_ci_finds_nothing_to_change(
    here: Account, pipeline: Pipeline, recorded_before: str
) -> None:
    (printed,) = run(here, "Deploy to AWS", ROOT)
    assert "No changes to deploy" in printed
    assert pipeline.recorded() == recorded_before
