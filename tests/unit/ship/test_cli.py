"""The command itself: its verbs, what it loads to say so, and what it imports."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
from awscrt.exceptions import AwsCrtError
from botocore.exceptions import NoRegionError
from typer.testing import CliRunner

from local.emulator import ROOT
from ship.cli import app
from ship.options import reported
from ship.problem import UNDONE, Problem
from tests.unit.ship.support.world import Capsys

VERBS = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
READERS = {f"aws.{name}" for name in ("codebuild", "ecr", "ssm")}
MODULES = sorted((ROOT / "ship").rglob("*.py"))


HELPING = """
import contextlib, io, json, sys
from ship.__main__ import app

def help_of(verb):
    sys.argv = ["ship", *verb.split(), "--help"]
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        try:
            app()
        except SystemExit as end:
            assert not end.code
    return shown.getvalue()

shown = {verb: help_of(verb) for verb in ["", *sys.argv[1:]]}
print(json.dumps([shown, sorted(sys.modules)]))
"""


@pytest.fixture(scope="module")
def helped() -> tuple[dict[str, str], set[str]]:
    """The help of `ship` and of each verb, and the modules that are loaded then."""
    environment = {"PYTHONPATH": f"{ROOT / 'functions'}:{ROOT}", "PATH": "", "COLUMNS": "120"}
    command = [sys.executable, "-B", "-c", HELPING, *VERBS]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    shown, modules = json.loads(ended.stdout)
    return shown, set(modules)


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_has_an_example(helped: tuple[dict[str, str], set[str]], verb: str) -> None:
    shown, _ = helped

    assert "Usage: ship" in shown[verb]
    assert not verb or f"ship {verb}" in shown[verb].partition("Example: ")[2]


def test_help_loads_neither_boto3_nor_what_a_verb_needs(helped: tuple[dict[str, str], set[str]]) -> None:
    _, modules = helped

    assert not {name for name in modules if name.startswith(("aws", "boto", "core", "e2b", "ship."))} - {
        *(f"ship.{name}" for name in ("__main__", "cli", "options", "place", "problem", "streams", "until", "verbs")),
        *(f"ship.verbs.{each}" for each in VERBS),
    }


@pytest.mark.parametrize("verb", VERBS)
def test_each_option_is_explained(verb: str) -> None:
    (command,) = [each for name, each in typer.main.get_command(app).commands.items() if name == verb]  # type: ignore[attr-defined]

    assert [parameter.name for parameter in command.params if not getattr(parameter, "help", "")] == []


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (Problem("This is wrong.", "Do that.", 4), 4, "Error: This is wrong.\nDo that.\n"),
        (NoRegionError(), 2, "Error: No AWS region is set."),
        (KeyboardInterrupt(), 130, "Error: Interrupted.\n"),
        (AwsCrtError(35, "AWS_ERROR_CRT_CALLBACK_EXCEPTION", "Python callback failed"), 130, "Error: Interrupted.\n"),
        (OSError("Full."), 2, "Error: This machine reports: Full.\n"),
    ],
    ids=["a problem", "AWS", "Ctrl-C", "Ctrl-C in native code", "the machine"],
)
def test_whatever_stops_a_verb_is_reported_with_an_exit_code(
    capsys: Capsys, error: BaseException, code: int, words: str
) -> None:
    with pytest.raises(typer.Exit) as ended, reported():
        raise error

    assert ended.value.exit_code == code
    assert capsys.readouterr().err.startswith(words)


def test_options_of_up_that_contradict_each_other_are_refused() -> None:
    ended = CliRunner().invoke(app, ["up", "--no-follow", "--until", "running"])

    assert ended.exit_code == UNDONE
    assert ended.stderr.startswith("Error: --until is for following the upload, which --no-follow leaves out.\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--app", "hello.zip"], "With --app, the log is the ECS service's, not an upload's.\nLeave out the key.\n"),
        (["--until", "running"], "--until is for following an upload.\nUse it with --follow and without --app.\n"),
        (["--app", "--follow", "--until", "running"], "--until is for following an upload.\nUse it with --follow "),
    ],
)
def test_options_of_logs_that_contradict_each_other_are_refused(arguments: list[str], words: str) -> None:
    ended = CliRunner().invoke(app, ["logs", *arguments])

    assert ended.exit_code == UNDONE
    assert ended.stderr.startswith(f"Error: {words}")


def imported(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it."""
    tree = ast.parse(path.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    modules = {f"{node.module}.{alias.name}" for node in found if node.module == "aws" for alias in node.names}
    return names | modules | {node.module for node in found if node.module and node.module != "aws"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT / "ship")))
def test_of_the_functions_it_knows_the_core_and_the_readers_that_take_a_client(path: Path) -> None:
    ours = {each.stem for each in (ROOT / "functions").glob("*.py")} | {"aws", "builder", "local", "tests", "tools"}

    assert {name for name in imported(path) if name.partition(".")[0] in ours} <= READERS


def test_the_functions_never_import_it() -> None:
    for path in (ROOT / "functions").rglob("*.py"):
        assert "ship" not in {name.partition(".")[0] for name in imported(path)}, path


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT / "ship")))
def test_no_message_names_a_file_of_the_project_or_a_command_for_another_place(path: Path) -> None:
    tree = ast.parse(path.read_text())
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented
    ]
    assert [text for text in texts if re.search(rf"docs/|\w\.md\b|\bship (?:{'|'.join(VERBS)})\b", text)] == []
