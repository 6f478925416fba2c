"""What the caller sees, and what no upload can do to a terminal."""

import io

import pytest
from rich.console import Console

from core.uploads import ObjectVersion
from ship.following import Ended, Happening, Line, Note, Phase, Stage, Still
from ship.states import State
from ship.terminal import Terminal, safe

VERSION = ObjectVersion("a-bucket", "hello.zip", "v1")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("#5 0.1 plain", "#5 0.1 plain"),
        ("   1 |  FROM x", "   1 |  FROM x"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("10%\r100%", "100%"),
        ("done\r", "done"),
        ("a\tb", "a    b"),
        ("\x1b]0;title\x07x", " ]0;title x"),
        ("\x9b31m", " 31m"),
        ("right\u202eto left", "right to left"),
        ("\x08\x08\x08gone", " gone"),
        ("", ""),
    ],
)
def test_a_line_of_a_build_is_shown_without_what_moves_colours_or_renames_a_terminal(line: str, shown: str) -> None:
    assert safe(line) == shown


@pytest.fixture
def output() -> io.StringIO:
    """What is written to stderr."""
    return io.StringIO()


@pytest.fixture
def terminal(output: io.StringIO) -> Terminal:
    """A terminal that is none."""
    return Terminal(console=Console(file=output, soft_wrap=True), began=0)


def test_what_happens_is_told_line_by_line_and_gives_the_end(terminal: Terminal, output: io.StringIO) -> None:
    end = State(VERSION, "recorded")

    happened: list[Happening] = [
        Stage("building"),
        Line("\x1b[1mone\x1b[0m"),
        Phase("PROVISIONING", True, 40),
        Note("hm"),
        Still("building"),
        Ended(end),
    ]
    assert terminal.watch(iter(happened)) == end
    lines = [line.rpartition(" s  ")[2] for line in output.getvalue().splitlines()]
    assert lines == ["building", "          one", "got a build machine in 40 s", "Warning: hm", "still building"]


def test_a_phase_that_fails_says_so(terminal: Terminal, output: io.StringIO) -> None:
    terminal.watch(iter([Phase("BUILD", False, 3), Phase("POST_BUILD", False, 1), Ended(State(VERSION, "failed"))]))

    assert "build: failed after 3 s" in output.getvalue()
    assert "post build: failed after 1 s" in output.getvalue()


def test_quietly_warnings_and_errors_are_left(terminal: Terminal, output: io.StringIO) -> None:
    terminal.quiet = True
    terminal.say("progress")
    terminal.watch(iter([Stage("x"), Line("y"), Note("warned"), Ended(State(VERSION, "failed"))]))
    terminal.fail("failed", "do this")

    assert output.getvalue().splitlines() == ["Warning: warned", "Error: failed", "do this"]


@pytest.mark.parametrize("markup", ["[red]x[/red]", "[/]", "[link=http://x]y"])
def test_brackets_are_no_markup(terminal: Terminal, output: io.StringIO, markup: str) -> None:
    terminal.say(markup)
    terminal.warn(markup)
    terminal.fail(markup, markup)

    assert output.getvalue().splitlines() == [markup, f"Warning: {markup}", f"Error: {markup}", markup]
