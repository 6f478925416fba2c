"""A command ends with its own exit code and no traceback, whatever became of its stdout and stderr."""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from local.emulator import ROOT
from ship.asked import Asked
from ship.aws.s3 import State
from ship.outcomes import READER_GONE
from ship.streams import Stream
from ship.terminal import Terminal
from ship.uploads import log_printing
from ship.uploads.following import Follower
from ship.uploads.happenings import Happening, Line
from ship.uploads.uploading import Uploading
from tests.unit.ship.support.world import STACK, World

URI = f"{STACK.repository_uri}@sha256:{'a' * 64}"
DRY = "up --dry-run --bucket uploads"
FULL = "stdout can't be written: No space left on device."


def ship(arguments: str, redirections: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """What `ship` does in a shell with these redirections; $PIPESTATUS is its exit code."""
    command = f"{sys.executable} -B -m ship {arguments} {redirections}; exit ${{PIPESTATUS[0]}}"
    environment = {"PYTHONPATH": str(ROOT), "AWS_DEFAULT_REGION": "us-east-1", "PATH": os.environ["PATH"]}
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A source with more names than a pipe holds."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    for number in range(400):
        (tmp_path / f"{'x' * 200}{number}").touch()
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "redirections", "code", "said"),
    [
        (f"{DRY} --quiet", ">&-", 0, ""),
        (f"{DRY} --quiet", "<&- >&- 2>&-", 0, ""),
        (f"{DRY} --quiet --json", ">&-", 0, ""),
        (DRY, "2>&- > /dev/null", 0, ""),
        (DRY, "2> /dev/full > /dev/null", 0, ""),
        (f"{DRY} --quiet", "| head -1 > /dev/null", 0, ""),
        (f"{DRY} --quiet", "| true", 0, ""),
        (DRY, "2>&1 | true", 0, ""),
        (f"{DRY} --quiet", "> /dev/full", 2, "Error: This machine reports: [Errno 28] No space left on device\n"),
        ("--help", ">&-", 0, ""),
        ("--help", "| true", 0, ""),
        ("--help", "> /dev/full", 2, f"Error: {FULL}\n"),
        ("up nowhere --bucket uploads", "2>&-", 2, ""),
        ("up nowhere --bucket uploads", "2> /dev/full", 2, ""),
    ],
)
def test_the_exit_code_is_the_commands_own(
    arguments: str, redirections: str, code: int, said: str, folder: Path
) -> None:
    ended = ship(arguments, redirections, folder)

    assert (ended.returncode, ended.stderr, ended.stdout) == (code, said, "")


def without_reader() -> io.TextIOWrapper:
    """A pipe whose reader has gone."""
    read, write = os.pipe()
    os.close(read)
    return os.fdopen(write, "w", encoding="utf-8")


def full() -> io.TextIOWrapper:
    """A file on a disk that is full."""
    return Path("/dev/full").open("w", encoding="utf-8")


@pytest.mark.parametrize(
    ("opened", "code", "said"),
    [
        (without_reader, 0, ""),
        (
            full,
            2,
            f"Error: The upload is recorded, but {FULL}\nTo see its image: ship status a.zip --stack source-to-ecr\n",
        ),
    ],
)
def test_of_an_upload_that_is_recorded_the_truth_is_told_although_nobody_can_be_answered(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    opened: Callable[[], io.TextIOWrapper],
    code: int,
    said: str,
) -> None:
    heard = io.StringIO()
    uploading = Uploading(Asked(world.access, STACK), Terminal(True, Console(file=heard, soft_wrap=True)))
    with opened() as stream:
        monkeypatch.setattr(sys, "stdout", Stream(stream, matters=True))
        version = world.upload("a.zip")
        ended = uploading.end(State(version, "recorded", image_uri=URI), Follower(world.access, STACK, version))

    assert (ended, heard.getvalue()) == (code, said)


class Following:
    """An upload that goes on for long."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def follow(self) -> Iterator[Happening]:
        """A line, after which nobody reads."""
        yield Line("one")
        pytest.fail("It goes on.")


def test_following_a_log_ends_with_its_reader(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    version = world.upload()
    monkeypatch.setattr(log_printing, "Follower", Following)
    with without_reader() as stream:
        monkeypatch.setattr(sys, "stdout", Stream(stream, matters=True))
        code = log_printing.follow(
            Asked(world.access, STACK, version.key, version.version_id), Terminal(quiet=True), 60
        )

    assert code == READER_GONE
