"""Buildspecs: the recipe's form is run, and anything else is refused by its name."""

import json
from typing import Any

import pytest
import yaml

from local.account import ROOT
from local.cloud.buildspec import Phase, UnknownKeyError, parse
from tests.local.support.building import Builder, phases
from tests.local.support.resources import STRANGE_PROJECT, buildspec


def changed(path: str, value: Any) -> str:
    """A buildspec of the recipe's form with another value at this path."""
    spec: Any = buildspec(["true"])
    *parents, last = path.split("/")
    place = spec
    for parent in parents:
        place = place[parent]
    place[last] = value
    return json.dumps(spec)


def test_the_recipe_s_buildspec_is_read_whole() -> None:
    text = (ROOT / "buildspec.yml").read_text()
    commands = yaml.safe_load(text)["phases"]["build"]["commands"]

    assert parse(text) == Phase("build", tuple(commands))
    assert parse(json.dumps(yaml.safe_load(text))) == Phase("build", tuple(commands))


@pytest.mark.parametrize("phase", ["install", "pre_build", "build"])
def test_the_one_phase_of_a_buildspec_may_be_install_pre_build_or_build(phase: str) -> None:
    spec = {"version": 0.2, "env": {"shell": "bash"}, "phases": {phase: {"on-failure": "ABORT", "commands": ["a"]}}}

    assert parse(json.dumps(spec)) == Phase(phase, ("a",))


@pytest.mark.parametrize(
    "key",
    [
        *("run-as", "proxy", "batch", "reports", "artifacts", "cache"),
        *("env/variables", "env/parameter-store", "env/secrets-manager", "env/exported-variables"),
        "env/git-credential-helper",
        *("phases/post_build", "phases/deploy"),
        *("phases/build/run-as", "phases/build/finally", "phases/build/runtime-versions", "phases/build/steps"),
    ],
)
def test_a_buildspec_key_that_the_recipe_does_not_use_is_refused_by_name(key: str) -> None:
    with pytest.raises(UnknownKeyError) as refused:
        parse(changed(key, {}))

    assert str(refused.value) == f"The local cloud doesn't know the buildspec's key {key.replace('/', '.')}."


@pytest.mark.parametrize(("path", "value"), [("version", 0.1), ("env/shell", "sh"), ("env/shell", "powershell.exe")])
def test_a_buildspec_of_another_version_or_another_shell_is_refused(path: str, value: object) -> None:
    with pytest.raises(UnknownKeyError, match=r"version 0\.2, with bash and a single phase"):
        parse(changed(path, value))


def test_a_buildspec_of_two_phases_is_refused() -> None:
    with pytest.raises(UnknownKeyError, match="a single phase"):
        parse(changed("phases/install", {"on-failure": "ABORT", "commands": ["true"]}))


@pytest.mark.parametrize("way", ["CONTINUE", "RETRY", "RETRY-3"])
def test_a_buildspec_with_another_way_on_failure_is_refused(way: str) -> None:
    with pytest.raises(UnknownKeyError, match=f"doesn't know on-failure: {way}"):
        parse(changed("phases/build/on-failure", way))


def test_a_build_whose_buildspec_is_refused_fails_before_any_command_and_says_why(builder: Builder) -> None:
    build = builder.run("echo never", project=STRANGE_PROJECT)

    assert build["buildStatus"] == "FAILED"
    assert phases(build)["DOWNLOAD_SOURCE"] == "FAILED"
    assert [each["contexts"] for each in build["phases"] if each["phaseType"] == "DOWNLOAD_SOURCE"] == [
        [{"statusCode": "YAML_FILE_ERROR", "message": "The local cloud doesn't know the buildspec's key artifacts."}]
    ]
    assert builder.cloud.log(build) == []
