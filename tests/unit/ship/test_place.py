"""Hints act on the same stack as the command that gives them."""

import shlex

import pytest
import typer.main
from typer.testing import CliRunner

from core.uploads import ObjectVersion
from ship.aws.cloudformation import Stack
from ship.cli import app
from ship.outcomes import going_on
from ship.place import Place
from ship.problem import Problem

VERBS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
STAGING = Place("staging", "eu-west-1", "my-service", "my stack")
KEYS = ["app.zip", "my app.zip", "-x.zip", "--help", "it's $HOME.zip", "a;b|c&d.zip", "naïve.zip"]


def parsed(command: str) -> tuple[str, dict[str, object]]:
    """The verb of a command as a shell and `ship` read it, and what its options and arguments are."""
    program, verb, *words = shlex.split(command)
    assert program == "ship"
    return verb, VERBS[verb].make_context(verb, words).params


def test_where_nothing_was_named_nothing_is() -> None:
    assert Place().command("logs", "--follow", key="app.zip") == "ship logs app.zip --follow"


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("verb", ["logs", "status", "why", "cancel"])
def test_a_hint_repeats_what_names_the_place_and_survives_the_shell(verb: str, key: str) -> None:
    read, given = parsed(STAGING.command(verb, "--version", "v 1", key=key))

    assert (read, given["key"], given["version"]) == (verb, key, "v 1")
    assert [given[name] for name in ("profile", "region", "service", "stack")] == [
        "staging",
        "eu-west-1",
        "my-service",
        "my stack",
    ]


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "promote"])
@pytest.mark.parametrize("place", [STAGING, Place(bucket="a-bucket", profile="me")], ids=["a stack", "a bucket"])
def test_each_verb_takes_the_options_of_its_hint(verb: str, place: Place) -> None:
    read, given = parsed(place.command(verb))

    assert read == verb
    assert given["profile"] == place.profile
    assert given.get("bucket") == (place.bucket if "bucket" in given else None)


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_acts_where_its_options_say(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked_at(place: Place, *_: object) -> None:
        raise Problem(str(place))

    monkeypatch.setattr("ship.asked.asked_at", asked_at)
    options = ["--service", "my-service", "--stack", "my stack", "--profile", "staging", "--region", "eu-west-1"]
    ended = CliRunner().invoke(app, [verb, *options])

    assert (ended.exit_code, ended.stderr) == (2, f"Error: {STAGING}\n")


def test_the_command_that_follows_an_upload_finds_it() -> None:
    stack = Stack("a-bucket", place=Place(profile="staging", bucket="a-bucket"))

    command = going_on(stack, ObjectVersion("a-bucket", "my app.zip", "v1"))
    assert command == "ship logs 'my app.zip' --version v1 --follow --profile staging --bucket a-bucket"
