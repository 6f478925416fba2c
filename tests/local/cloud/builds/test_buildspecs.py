"""Buildspecs: the form that this stack uses is run, and anything else is refused by its name."""

import json
from typing import Any

import pytest
import yaml

from local.cloud.builds.buildspec import PHASES, Phase, UnknownKeyError, parse
from local.emulator import ROOT
from tests.local.support.building import Builder, phases
from tests.local.support.resources import STRANGE_PROJECT, buildspec


def changed(path: str, value: Any) -> str:
    """A buildspec of the stack's form with another value at this path."""
    spec: Any = buildspec(["true"])
    *parents, last = path.split("/")
    place = spec
    for parent in parents:
        place = place[parent]
    place[last] = value
    return json.dumps(spec)


def with_phases(*names: str) -> str:
    """A buildspec with these phases, in this order, of which each prints its name."""
    phases = {name: {"on-failure": "ABORT", "commands": [f"echo {name}"]} for name in names}
    return json.dumps({"version": 0.2, "env": {"shell": "bash"}, "phases": phases})


def test_the_stack_s_buildspec_is_read_whole() -> None:
    text = (ROOT / "buildspec.yml").read_text()
    given = yaml.safe_load(text)["phases"]

    assert parse(text) == [Phase(name.upper(), tuple(given[name]["commands"])) for name in PHASES]
    assert parse(json.dumps(yaml.safe_load(text))) == parse(text)


def test_phases_run_in_codebuild_s_order_whatever_the_order_in_the_file() -> None:
    assert [phase.name for phase in parse(with_phases("post_build", "build", "install", "pre_build"))] == [
        *("INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD")
    ]


def test_a_phase_that_a_buildspec_leaves_out_has_no_commands() -> None:
    assert parse(with_phases("build"))[-2:] == [Phase("BUILD", ("echo build",)), Phase("POST_BUILD", ())]


@pytest.mark.parametrize(
    "key",
    [
        *("run-as", "proxy", "batch", "reports", "artifacts", "cache"),
        *("env/variables", "env/parameter-store", "env/secrets-manager", "env/exported-variables"),
        "env/git-credential-helper",
        "phases/deploy",
        *("phases/build/run-as", "phases/build/finally", "phases/build/runtime-versions", "phases/build/steps"),
    ],
)
def test_a_buildspec_key_that_the_stack_does_not_use_is_refused_by_name(key: str) -> None:
    with pytest.raises(UnknownKeyError) as refused:
        parse(changed(key, {}))

    assert str(refused.value) == f"The local cloud doesn't know the buildspec's key {key.replace('/', '.')}."


@pytest.mark.parametrize(("path", "value"), [("version", 0.1), ("env/shell", "sh"), ("env/shell", "powershell.exe")])
def test_a_buildspec_of_another_version_or_another_shell_is_refused(path: str, value: object) -> None:
    with pytest.raises(UnknownKeyError, match=r"version 0\.2, with bash"):
        parse(changed(path, value))


@pytest.mark.parametrize("way", ["CONTINUE", "RETRY", "RETRY-3", None])
def test_a_buildspec_with_another_way_on_failure_is_refused(way: str | None) -> None:
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
