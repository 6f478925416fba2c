"""What the caller sees."""

import json
import re

import pytest
from rich.console import Console

from core.uploads import ObjectVersion
from ship.aws.s3 import State
from ship.printable import json_of
from ship.terminal import ERROR, WARNING, Terminal
from ship.uploads.happenings import Ended, Happening, Line, Note, Phase, Stage, Still
from tests.unit.ship.support.world import Capsys

VERSION = ObjectVersion("a-bucket", "hello.zip", "v1")


@pytest.fixture
def terminal() -> Terminal:
    """A terminal that is none."""
    return Terminal()


def test_what_happens_is_told_line_by_line_and_gives_the_end(terminal: Terminal, capsys: Capsys) -> None:
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
    lines = [line.rpartition(" s  ")[2] for line in capsys.readouterr().err.splitlines()]
    assert lines == ["building", "          one", "got a build machine in 40 s", "Warning: hm", "still building"]


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        (Phase("BUILD", False, 3), "build: failed after 3 s"),
        (Phase("POST_BUILD", False, 1), "pushing the image: failed after 1 s"),
        (Phase("BUILD", False, None), "build: failed"),
    ],
)
def test_a_phase_that_fails_says_so(terminal: Terminal, capsys: Capsys, phase: Phase, words: str) -> None:
    terminal.watch(iter([phase, Ended(State(VERSION, "failed"))]))

    assert capsys.readouterr().err.endswith(f" s  {words}\n")


def test_quietly_warnings_and_errors_are_left(terminal: Terminal, capsys: Capsys) -> None:
    terminal.quiet = True
    terminal.note("progress")
    terminal.watch(iter([Stage("x"), Line("y"), Note("warned"), Ended(State(VERSION, "failed"))]))
    terminal.report(ERROR, "failed", "do this")

    assert capsys.readouterr().err.splitlines() == ["Warning: warned", "Error: failed", "do this"]


@pytest.mark.parametrize("markup", ["[red]x[/red]", "[/]", "[link=http://x]y"])
def test_brackets_are_no_markup(terminal: Terminal, capsys: Capsys, markup: str) -> None:
    terminal.note(markup)
    terminal.report(WARNING, markup)
    terminal.report(ERROR, markup, markup)

    assert capsys.readouterr().err.splitlines() == [markup, f"Warning: {markup}", f"Error: {markup}", markup]


@pytest.mark.parametrize("key", ["a[/b].zip", "service[prod].zip", "[red]", "a\\[b"])
def test_a_key_with_brackets_is_shown_as_it_is_while_it_is_sent(capsys: Capsys, key: str) -> None:
    moving = Terminal(console=Console(stderr=True, force_terminal=True, width=120, soft_wrap=True))

    with moving.sending(key, 10) as sent:
        sent(5)
    with moving.waiting() as change:
        change(key)
    assert f"Sending {key}" in capsys.readouterr().err


# What a CI runner reads


COMMANDS = [
    "#6 0.170 50%\r::stop-commands::x",
    "  ::add-mask::x",
    "\x1b[1m::error::x",
    "\u2028::error::x",
    "\x85::error::x",
    "\u200b::error::x",
    "text ##[add-mask]x",
    "\r##vso[task.setvariable variable=a]b",
    "text ##vso[task.setvariable variable=a]b",
    "##teamcity[message text='x']",
    "###[group]x",
    "#\u200b#[group]x",
    "what happened\n::error::x",
]
OBEYED = ("::", "##[", "##vso[", "##teamcity[")


def obeyed(text: str) -> list[str]:
    """The lines in which a CI runner finds a command."""
    lines = re.split(r"[\r\n\x85\u2028\u2029]", text)
    return [line for line in lines if line.lstrip().startswith("::") or any(each in line for each in OBEYED[1:])]


def test_the_runners_commands_would_be_seen() -> None:
    assert [line for line in COMMANDS if not obeyed(line) and "\u200b" not in line and "\x1b" not in line] == []


@pytest.mark.parametrize("foreign", COMMANDS)
def test_whatever_is_quoted_commands_no_runner(terminal: Terminal, capsys: Capsys, foreign: str) -> None:
    terminal.watch(iter([Stage(foreign), Line(foreign), Note(foreign), Still(foreign), Ended(State(VERSION))]))
    terminal.watch(iter([Line(foreign), Ended(State(VERSION))]), terminal.answer)
    terminal.note(foreign)
    terminal.answer(foreign, style="dim")
    terminal.note(foreign, even_if_quiet=True)
    terminal.report(ERROR, foreign, foreign)
    terminal.answer(foreign, foreign)
    terminal.answer(json_of({foreign: foreign}))

    printed, said = capsys.readouterr()
    assert obeyed(said) == obeyed(printed) == []
    assert json.loads(printed.splitlines()[-1]) == {foreign: foreign}


def test_what_is_quoted_begins_no_line_of_its_own(terminal: Terminal, capsys: Capsys) -> None:
    terminal.report(ERROR, "There is no upload a\nError: forged.zip in b.", "Look.\nrm -rf /")

    assert capsys.readouterr().err.splitlines() == [
        "Error: There is no upload a",
        "  Error: forged.zip in b.",
        "Look.",
        "  rm -rf /",
    ]
