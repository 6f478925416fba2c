"""The commands of README.md and docs/uploading.md, run as a reader pastes them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from local.emulator import ROOT, Account
from local.pipeline import Pipeline, Upload
from local.sources.samples import BASE, SERVES
from tests.docs.support.documents import blocks, section
from tests.e2e.support.shell import run
from tests.e2e.support.waiting import SECONDS

README, UPLOADING = ROOT / "README.md", ROOT / "docs" / "uploading.md"
KEY = "jwt-pizza-service.zip"


@pytest.fixture(scope="module")
def uploaded(here: Account, pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Upload:
    """The upload that the page's commands make of a folder under git."""
    folder = tmp_path_factory.mktemp("service") / "hello"
    shutil.copytree(ROOT / "examples" / "hello", folder)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "x"]):
        subprocess.run([*git, *command], cwd=folder, check=True)
    archive, _ = blocks(section(UPLOADING, "Make the zip"), "bash")
    run(here, archive, folder, BUCKET=pipeline.bucket)
    return Upload(KEY, pipeline.s3.head_object(Bucket=pipeline.bucket, Key=KEY)["VersionId"])


def test_an_uploader_reads_the_result_from_the_upload_and_from_the_parameter(
    here: Account, pipeline: Pipeline, uploaded: Upload, tmp_path: Path
) -> None:
    recorded = pipeline.wait_until_recorded(uploaded, SECONDS)
    status, uri = (
        run(here, commands, tmp_path, BUCKET=pipeline.bucket)
        for commands in blocks(section(UPLOADING, "Read the result"), "bash")
    )
    assert pipeline.tags(uploaded)["image-tag"] in status
    assert uri.strip() == recorded


def test_an_uploader_zips_what_ci_has_made(here: Account, pipeline: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    source = {
        "Dockerfile": f"{BASE}COPY src config.js /\n{SERVES}",
        "package.json": "{}",
        "config.js": "never committed",
    }
    for name, text in (source | {"src/main.js": "console.log(1)"}).items():
        (tmp_path / name).write_text(text)
    _, built = blocks(section(UPLOADING, "Make the zip"), "bash")
    run(here, built, tmp_path, BUCKET=pipeline.bucket)
    upload = Upload(KEY, pipeline.s3.head_object(Bucket=pipeline.bucket, Key=KEY)["VersionId"])
    pipeline.wait_until_recorded(upload, SECONDS)


def test_the_quick_start_goes_from_the_stack_s_outputs_to_the_recorded_uri(
    here: Account, pipeline: Pipeline, tmp_path: Path
) -> None:
    folder = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    printed = run(here, "\n".join(blocks(section(README, "Quick start"), "bash")), folder)

    assert pipeline.recorded() in printed
    assert '"Value": "recorded"' in printed
