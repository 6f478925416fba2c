"""docs/ship.md: its commands run as they stand there, and print what it shows."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from local.emulator import ROOT, SHIP, Account
from local.pipeline import Pipeline
from tests.docs.support.consoles import Console, consoles
from tests.docs.support.documents import blocks
from tests.e2e.support.waiting import SECONDS

PAGE = ROOT / "docs" / "ship.md"
INSTALLING, *BLOCKS = blocks(PAGE.read_text(), "console")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the project's examples."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return tmp_path


def output(here: Account, folder: Path, commands: list[Console]) -> list[list[str]]:
    """What each command of one shell prints."""
    mark = "-- the next --"
    script = "\n".join(
        f"{each.command}\n{{ code=$?; echo; echo '{mark}'; }} 2> /dev/null; (exit $code)" for each in commands
    )
    ended = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{script}\ntrue"],
        cwd=folder,
        env={**os.environ, **here.environment, "PATH": f"{SHIP.parent}{os.pathsep}{os.environ['PATH']}", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=SECONDS,
    )
    return [each.strip("\n").splitlines() for each in ended.stdout.split(mark)][: len(commands)]


def test_it_prints_what_the_document_shows(here: Account, pipeline: Pipeline, folder: Path) -> None:
    assert pipeline
    for block in BLOCKS:
        commands = consoles(block)
        for console, printed in zip(commands, output(here, folder, commands), strict=True):
            assert console.differences(printed) == [], f"{console.command}\n" + "\n".join(printed)


def test_it_is_installed_as_the_document_says() -> None:
    install, *_ = consoles(INSTALLING)

    assert install.command == 'pipx install . --pip-args="--constraint requirements/ship.txt"'
    rule = (ROOT / "Makefile").read_text()
    assert "--constraint $< ." in rule  # the suite's own is installed like that
    assert ".venv/ship: requirements/ship.txt" in rule
