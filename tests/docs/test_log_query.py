"""The log query of docs/operating/operations.md prints one line per record, whatever a key or an error has in it."""

import io
import json
import logging
import os
import subprocess
from pathlib import Path

import pytest
from aws_lambda_powertools import Logger

from tests.docs.support.documents import ROOT, blocks, section

(QUERY,) = blocks(section(ROOT / "docs" / "operating" / "operations.md", "Where each log is"), "bash")
KEY = "a\nkey\twith\x1b[2Jall.zip"
AWS = """\
output() { echo "$1"; }
aws() {
  printf '%s\\n' "$*" >> asked.txt
  case $* in *StartBuildLogGroup*) cat messages.json ;; *) echo '[]' ;; esac
}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the query runs."""
    return tmp_path_factory.mktemp("query")


@pytest.fixture(scope="module")
def printed(folder: Path) -> list[str]:
    """The lines of the query where StartBuild has logged an exception, a warning and a record with nothing more.

    Once for all tests: Powertools gives each logger of one service the first one's stream.
    """
    log = io.StringIO()
    logger = Logger(service="a-service", stream=log, level=logging.INFO)
    try:
        raise ValueError("first line\n\tsecond line")
    except ValueError:
        logger.exception("The message goes back to the queue", key=KEY, message_id="m")
    logger.warning("The mail can't be sent", build_id="a-service:1", cause="An error occurred")
    logger.warning("No time is left")
    (folder / "messages.json").write_text(json.dumps(log.getvalue().splitlines(keepends=True)))
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", AWS + QUERY],
        cwd=folder, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ended.stderr == ""
    return ended.stdout.splitlines()


def test_each_record_is_one_line_with_what_it_is_about_and_why(printed: list[str]) -> None:
    assert [line.split("  ")[1:] for line in printed] == [
        ["ERROR", "The message goes back to the queue", "a key with [2Jall.zip", "first line", "second line"],
        ["WARNING", "The mail can't be sent", "a-service:1", "An error occurred"],
        ["WARNING", "No time is left"],
    ]


def test_nothing_that_a_terminal_obeys_is_printed(printed: list[str]) -> None:
    assert all(line.isprintable() for line in printed)


def test_it_asks_for_errors_and_warnings_of_the_last_hour_in_both_logs(printed: list[str], folder: Path) -> None:
    asked = (folder / "asked.txt").read_text().splitlines()

    assert [line.split()[3] for line in asked] == ["StartBuildLogGroup", "RecordImageLogGroup"]
    for line in asked:
        assert '--filter-pattern { ($.level = "ERROR") || ($.level = "WARNING") }' in line
