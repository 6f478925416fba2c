"""Waiting for something, with a bound; and showing how long a step takes."""

import re
from collections.abc import Iterator

import pytest

from local.pipeline import Late, wait_for
from local.progress import UserError, say, step


def test_what_is_there_is_given_at_once() -> None:
    assert wait_for("It", lambda: "found", 0) == "found"


def test_it_is_looked_for_until_it_is_there() -> None:
    answers: Iterator[str | None] = iter([None, "", "found", "later"])

    assert wait_for("It", lambda: next(answers), 10) == "found"
    assert next(answers) == "later"


def test_what_never_comes_is_late_by_name() -> None:
    with pytest.raises(Late) as late:
        wait_for("The recording of app.zip", lambda: None, 0)

    assert str(late.value) == "The recording of app.zip didn't happen within 0 s."


def test_an_error_of_the_look_ends_the_waiting() -> None:
    def look() -> None:
        raise UserError("The upload was rejected.")

    with pytest.raises(UserError, match="rejected"):
        wait_for("It", look, 10)


def test_a_line_is_printed_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    say("a line")

    assert capsys.readouterr().out == "a line\n"


def test_a_step_tells_its_begin_and_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    with step("Deploying"):
        begun = capsys.readouterr().out

    assert begun == "  Deploying …\n"
    assert re.fullmatch(r"  Deploying: done in \d+\.\d s\n", capsys.readouterr().out)


def test_a_step_that_fails_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UserError, match="broken"), step("Deploying"):
        raise UserError("broken")

    assert re.fullmatch(r"  Deploying …\n  Deploying: failed after \d+\.\d s\n", capsys.readouterr().out)


def test_on_a_terminal_the_running_line_gives_way_to_the_last(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with step("Deploying"):
        pass

    assert re.fullmatch(r"\r\033\[K  Deploying: done in \d+\.\d s\n", capsys.readouterr().out)
