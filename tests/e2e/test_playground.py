"""`make cloud` gives a cloud to play in: what it prints works as it is printed, and nothing of it stays."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local.account import ROOT
from local.pipeline import wait_for
from local.playground import ENVIRONMENT, SETTINGS
from tests.e2e.support.uploads import SECONDS

PROGRAM = [sys.executable, "-m", "local.playground"]
READY = "Ctrl-C ends it"
STOPPING_SECONDS = 120


@pytest.fixture(scope="module")
def printed() -> Iterator[str]:
    """What it prints when it is ready; it runs while the tests do."""
    with running() as text:
        yield text


@contextmanager
def running() -> Iterator[str]:
    """Runs it, gives what it prints, and ends it by the other target."""
    with subprocess.Popen(PROGRAM, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            lines: list[str] = []
            for line in process.stdout:
                lines.append(line)
                if line.startswith(READY):
                    break
            yield "".join(lines)
        finally:
            ended = subprocess.run([*PROGRAM, "down"], cwd=ROOT, capture_output=True, text=True, check=False)
            code = process.wait(STOPPING_SECONDS)
    assert (ended.returncode, code) == (0, 0), ended.stderr
    assert not ENVIRONMENT.exists()
    assert not SETTINGS.exists()


def shell(commands: str) -> str:
    """What the commands print, in a shell that knows nothing of the cloud but its file."""
    ended = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n. .cloud/env\n{commands}"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DOCKER_"))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def history() -> list[str]:
    """What the parameter has named so far."""
    command = 'aws ssm get-parameter-history --name "$PARAMETER" --query "Parameters[].Value" 2> /dev/null || echo []'
    found: list[str] = json.loads(shell(command))
    return found


def test_where_none_runs_none_is_ended() -> None:
    ended = subprocess.run([*PROGRAM, "down"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr.strip()) == (1, "No cloud of this clone runs.")


def test_what_it_prints_works(printed: str) -> None:
    first, second, function = re.findall(r"(?:^    .*\n)+", printed, re.MULTILINE)[1:]

    upload, _, look = first.partition('"s3://$BUCKET/"\n')
    shell(f'{upload}"s3://$BUCKET/"')
    wait_for("The recording", lambda: len(history()) == 1, SECONDS)
    wait_for("The status", lambda: '"recorded"' in shell(look), SECONDS)
    assert history()[0] in shell(look)

    upload, _, roll_back = second.partition('"s3://$BUCKET/"\n')
    shell(f'{upload}"s3://$BUCKET/"')
    wait_for("The recording", lambda: len(history()) == 2, SECONDS)
    shell(roll_back)
    before, _, now = history()
    assert now == before

    assert "nothing is newer" in shell(function)


@pytest.mark.usefixtures("printed")
def test_one_clone_has_one() -> None:
    ended = subprocess.run(PROGRAM, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert "make cloud-down" in ended.stderr
