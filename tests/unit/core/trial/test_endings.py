"""The sentence and the lines about a program that ended during the trial."""

from dataclasses import replace

import pytest

from core.build_log import Ending
from core.trial.endings import ending
from core.trial.facts import Facts

ENDED = Facts(status="exited", exit_code=1, seconds=0.31, output="Starting\nError: Cannot find module './db'\n")


def test_an_ending_has_the_exit_code_and_the_last_lines() -> None:
    assert ending(ENDED) == Ending(
        "It exited with code 1 after 0.3 s, without network or configuration.",
        ("Starting", "Error: Cannot find module './db'"),
    )


def test_a_program_that_ended_at_once_took_less_than_a_tenth_of_a_second() -> None:
    found = ending(replace(ENDED, seconds=0.02))
    assert found
    assert found.sentence == "It exited with code 1 after less than 0.1 s, without network or configuration."


@pytest.mark.parametrize("status", ["running", "created", ""])
def test_a_program_that_runs_or_never_ran_has_not_ended(status: str) -> None:
    assert ending(replace(ENDED, status=status)) is None


def test_lines_are_bounded_and_shown_as_in_a_terminal() -> None:
    output = "".join(f"\x1b[31m{number}\x1b[0m\r\n\n" for number in range(30)) + "x" * 999 + "\n10%\r100%\0"
    found = ending(replace(ENDED, output=output))
    assert found
    assert len(found.output) == 20
    assert found.output[:2] == ("12", "13")
    assert [len(line) for line in found.output[-2:]] == [200, 4]
    assert found.output[-1] == "100%"
