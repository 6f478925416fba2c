"""Waiting for something, with a bound; and showing how long a step takes."""

import re
from collections.abc import Iterator

import pytest

from local.pipeline import Late, wait_for
from local.progress import UserError, say, step
from tests.support.waiting import PATIENCE


def test_wait_for_looks_until_something_is_there() -> None:
    assert wait_for("It", lambda: "found", 0) == "found"
    answers: Iterator[str | None] = iter([None, "", "found", "later"])

    assert wait_for("It", lambda: next(answers), PATIENCE) == "found"
    assert next(answers) == "later"


def test_wait_for_names_what_never_comes() -> None:
    with pytest.raises(Late) as late:
        wait_for("The recording of app.zip", lambda: None, 0)

    assert str(late.value) == "The recording of app.zip didn't happen within 0 s."


def test_an_error_of_the_look_ends_wait_for() -> None:
    def look() -> None:
        raise UserError("The upload was rejected.")

    with pytest.raises(UserError, match="rejected"):
        wait_for("It", look, PATIENCE)


def test_a_step_prints_its_begin_and_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    with step("Deploying"):
        say("a line")
        begun = capsys.readouterr().out

    assert begun == "  Deploying …\na line\n"
    assert re.fullmatch(r"  Deploying: done in \d+\.\d s\n", capsys.readouterr().out)


def test_a_step_that_fails_prints_that_and_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UserError, match="broken"), step("Deploying"):
        raise UserError("broken")

    assert re.fullmatch(r"  Deploying …\n  Deploying: failed after \d+\.\d s\n", capsys.readouterr().out)


def test_on_a_terminal_a_step_s_first_line_gives_way_to_its_last(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with step("Deploying"):
        pass

    assert re.fullmatch(r"\r\033\[K  Deploying: done in \d+\.\d s\n", capsys.readouterr().out)
