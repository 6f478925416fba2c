"""`make cloud` gives a cloud to play in: what it prints works as it is printed, and nothing of it stays."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from local.emulator import ROOT
from tests.docs.support.documents import blocks, section
from tests.e2e.support.ecs import QUICK
from tests.e2e.support.waiting import SECONDS

PROGRAM = [sys.executable, "-m", "local.playground"]
READY = "To stop the cloud"
LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", ".aws-sam", ".cloud", ".*_cache", ".hypothesis", "__pycache__")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of its own, as somebody may have a cloud in this one."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT, folder, dirs_exist_ok=True, ignore=LEFT_OUT)
    for environment in ROOT.glob(".venv*"):
        (folder / environment.name).symlink_to(environment)
    return folder


def playground(clone: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """What the program did in the clone, when it has ended."""
    return subprocess.run(
        [*PROGRAM, *arguments], cwd=clone, capture_output=True, text=True, check=False, timeout=SECONDS
    )


@pytest.fixture(scope="module")
def temporary() -> Iterator[Path]:
    """The folder for the cloud's own temporary folder. Its path is short, because sockets are in it."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def printed(clone: Path, temporary: Path) -> Iterator[str]:
    """What it prints when it is ready; it runs while the tests do, and is ended by the other target."""
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(PROGRAM, cwd=clone, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield "".join(until_ready(process.stdout))
        finally:
            try:
                ended = playground(clone, "down")
                code = process.wait(SECONDS)
            finally:
                process.kill()  # or leaving the block waits for it for ever
            news = process.stdout.read()
    assert (ended.returncode, code) == (0, 0), ended.stderr
    assert not (clone / ".cloud" / "env").exists()
    assert not (clone / ".cloud" / "settings.json").exists()
    assert not (clone / ".cloud" / "owner").exists()
    assert "jwt-pizza-service: recorded hello.zip\n" in news


def until_ready(output: Iterable[str]) -> Iterator[str]:
    """The lines up to the one that says that it is ready."""
    for line in output:
        yield line
        if line.startswith(READY):
            return


def shell(clone: Path, commands: str) -> str:
    """What the commands print, in a shell that knows nothing of the cloud but its file."""
    ended = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n. .cloud/env\n{commands}"],
        cwd=clone,
        env={name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DOCKER_"))},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def history(clone: Path) -> list[str]:
    """What the parameter has named so far."""
    command = 'aws ssm get-parameter-history --name "$PARAMETER" --query "Parameters[].Value" 2> /dev/null || echo []'
    found: list[str] = json.loads(shell(clone, command))
    return found


def test_where_none_runs_none_is_ended(clone: Path) -> None:
    ended = playground(clone, "down")

    assert (ended.returncode, ended.stderr.strip()) == (1, "No cloud is running in this clone.")


def test_what_it_prints_works(printed: str, clone: Path, temporary: Path) -> None:
    first, ship, deployment, second, rollback, bad, functions = re.findall(r"(?:^    .*\n)+", printed, re.MULTILINE)[1:]
    address = deployment[deployment.index("URL=") :].replace('curl "$URL"', "")
    for line in blocks(section(clone / "README.md", "Let ECS deploy it"), "bash")[0].splitlines():
        assert line in deployment

    said = shell(clone, first)
    assert '"recorded"' in said
    assert history(clone)[0] in said
    shipped = shell(clone, f"{ship}\necho $IMAGE").splitlines()
    assert history(clone)[-1] in shipped
    assert "This image was built on aarch64" in shell(clone, deployment)
    assert "Another page" in shell(clone, address + second)
    assert "This image was built on aarch64" in shell(clone, address + rollback)
    before, *_, now = history(clone)
    assert now == before
    (cloud,) = temporary.glob("source-to-ecr-*")
    (cloud / "settings.json").write_text(json.dumps(asdict(QUICK)))
    said = shell(clone, address + bad)
    assert "Task failed container health checks" in said
    assert "The exit code is 5." in said
    assert "This image was built on aarch64" in said
    assert len(history(clone)) == 5

    said = shell(clone, functions)
    assert "UploadDoneBefore" in said
    assert "nothing is newer" in said


@pytest.mark.usefixtures("printed")
def test_one_clone_has_one(clone: Path) -> None:
    ended = playground(clone)

    assert ended.returncode == 1
    assert "make cloud-down" in ended.stderr
