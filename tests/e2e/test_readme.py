"""The README's commands, run as they stand there."""

import shutil
import subprocess
from pathlib import Path

import pytest

from local.account import ROOT, Account
from local.pipeline import Pipeline, Upload
from tests.docs.support.documents import blocks, section
from tests.e2e.support.shell import run
from tests.e2e.support.uploads import SECONDS, good

README = ROOT / "README.md"
KEY = "jwt-pizza-service.zip"


@pytest.fixture(scope="module")
def uploaded(here: Account, pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Upload:
    """The upload that the README's commands make of a folder under git."""
    folder = tmp_path_factory.mktemp("service") / "hello"
    shutil.copytree(ROOT / "examples" / "hello", folder)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "x"]):
        subprocess.run([*git, *command], cwd=folder, check=True)
    (commands,) = blocks(section(README, "Upload"), "bash")
    run(here, commands, folder, BUCKET=pipeline.bucket)
    return Upload(KEY, pipeline.s3.head_object(Bucket=pipeline.bucket, Key=KEY)["VersionId"])


def test_the_readme_reads_the_result_from_the_upload_and_from_the_parameter(
    here: Account, pipeline: Pipeline, uploaded: Upload, tmp_path: Path
) -> None:
    recorded = pipeline.wait_until_recorded(uploaded, SECONDS)
    status, uri = (
        run(here, commands, tmp_path, BUCKET=pipeline.bucket)
        for commands in blocks(section(README, "Read the result"), "bash")
    )
    assert pipeline.tags(uploaded)["image-tag"] in status
    assert uri.strip() == recorded


def test_the_readme_rolls_back_with_one_command(
    here: Account, pipeline: Pipeline, first: Upload, tmp_path: Path
) -> None:
    pipeline.wait_until_recorded(pipeline.upload(KEY, good("to be rolled back")), SECONDS)
    older = pipeline.image_of(first)
    (commands,) = blocks(section(README, "Let ECS deploy it"), "bash")
    assert older in run(here, commands, tmp_path, OLDER_URI=older)
    assert pipeline.recorded() == older


def test_the_readme_s_deployment_from_ci_finds_nothing_to_change(
    here: Account, pipeline: Pipeline, recorded_before: str
) -> None:
    (commands,) = blocks(section(README, "Deploy to AWS"), "bash")
    assert "No changes to deploy" in run(here, commands, ROOT)
    assert pipeline.recorded() == recorded_before
