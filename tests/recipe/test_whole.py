"""The recipe as a whole: its text, a build from end to end, and builds that end where they shouldn't."""

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.recipe.support.sandbox import BUILDSPEC, COMMANDS, REGISTRY, REPOSITORY, TAG, Sandbox
from tests.support.zips import zipped


def test_the_recipe_has_the_shape_that_the_project_expects() -> None:
    spec = yaml.safe_load(BUILDSPEC.read_text())
    assert spec == {
        "version": 0.2,
        "env": {"shell": "bash"},
        "phases": {"build": {"on-failure": "ABORT", "commands": COMMANDS}},
    }
    assert len(COMMANDS) == 2


def test_the_recipe_survives_its_way_through_json() -> None:
    def types(value: Any) -> None:
        assert isinstance(value, dict | list | str | float)
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
            types(each)

    text = BUILDSPEC.read_text()
    spec = yaml.safe_load(text)
    types(spec)
    assert json.loads(json.dumps(spec)) == spec
    assert text.isascii()
    assert "{{" not in text, "CloudFormation would take it for a dynamic reference"
    assert not re.search(r"\b(Fn::|Ref:)", text)


@pytest.mark.parametrize("command", COMMANDS, ids=["work", "report"])
def test_the_recipe_is_clean_to_shellcheck(command: str) -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    found = subprocess.run(
        [shellcheck, "--shell=bash", "--severity=style", "-"],
        input=command,
        text=True,
        capture_output=True,
        check=False,
    )
    assert found.stdout == ""
    assert found.returncode == 0


@pytest.mark.parametrize(
    "forbidden", ["eval", "--network host", "--network=host", "--allow", "--driver-opt", "docker run", "--privileged"]
)
def test_the_recipe_leaves_out_what_would_give_an_upload_more_than_a_build(forbidden: str) -> None:
    lines = [line for line in COMMANDS[0].splitlines() if not line.lstrip().startswith("#")]
    assert not [line for line in lines if forbidden in line]


def test_an_upload_becomes_a_tagged_image(sandbox: Sandbox) -> None:
    sandbox.upload(zipped({"Dockerfile": "FROM scratch\n", "src/main.py": "print()\n"}))
    build = sandbox.run()
    assert build.succeeded
    digest = sandbox.tags()[TAG]
    printed = re.compile(r"#|The push refers to|[0-9a-f]{12}: ")
    assert [line for line in build.log.splitlines() if not printed.match(line)] == [
        'Fetching "app.zip", version v1',
        "Unpacked 2 files",
        "Building for linux/arm64",
        "Starting the image for a moment",
        "Checking the image",
        "Pushing the image",
        f"{TAG}: digest: {digest} size: 527",
        f"Pushed {REGISTRY}/{REPOSITORY}:{TAG}",
    ]


def test_the_tag_is_put_last(sandbox: Sandbox) -> None:
    assert sandbox.run().succeeded
    order = [" ".join(call[:3]) for call in sandbox.calls()]
    assert set(order[-2:]) == {f"docker push {REGISTRY}/{REPOSITORY}:{TAG}", "docker rm --force"}
    assert "docker cp --follow-link" in order


def test_an_upload_that_has_its_image_is_not_built_again(sandbox: Sandbox) -> None:
    sandbox.tag(TAG, "sha256:0ther")
    build = sandbox.run()
    assert build.succeeded
    assert "is in the repository already: nothing to build." in build.log
    assert {call[1] for call in sandbox.calls("docker")} == {"info", "login", "buildx"}
    assert sandbox.calls("docker", "buildx", "build") == []
    assert sandbox.tags() == {TAG: "sha256:0ther"}


def test_other_tags_don_t_keep_an_upload_from_being_built(sandbox: Sandbox) -> None:
    sandbox.tag("latest", "sha256:0ther")
    assert sandbox.run().succeeded


@pytest.mark.parametrize(
    "variable", ["SOURCE_BUCKET", "SOURCE_KEY", "SOURCE_VERSION_ID", "IMAGE_TAG", "DOCKERFILE_PATH", "REPOSITORY_URI"]
)
def test_a_build_without_one_of_its_variables_fails_with_a_reason(sandbox: Sandbox, variable: str) -> None:
    del sandbox.variables[variable]
    build = sandbox.execute()
    assert build.code == "build-system-fault"
    assert not build.succeeded
    assert sandbox.tags() == {}


def test_a_key_that_is_no_json_fails_with_a_reason(sandbox: Sandbox) -> None:
    sandbox.variables["SOURCE_KEY"] = "app.zip"
    build = sandbox.run()
    assert build.code == "build-system-fault"
    assert "Ask the operators." in build.sentence


def test_a_login_that_the_registry_refuses_is_the_build_system_s_fault(sandbox: Sandbox) -> None:
    sandbox.errors["login"] = "Error response from daemon: login attempt failed with status: 503 Service Unavailable"
    build = sandbox.run()
    assert build.code == "build-system-fault"
    assert build.sentence.endswith(sandbox.errors["login"])


@pytest.fixture
def heeding_hangups() -> Iterator[None]:
    """Whoever runs the tests with nohup ignores hangups, and so would all that the tests start."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("heeding_hangups")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_build_that_is_killed_is_a_failure(sandbox: Sandbox, number: int) -> None:
    sandbox.plan["signal"] = number
    build = sandbox.execute()
    assert build.code == "build-system-fault"
    assert not build.succeeded
    assert sandbox.tags() == {}


def test_a_build_without_a_place_to_work_in_fails_with_a_reason(sandbox: Sandbox) -> None:
    shutil.rmtree(sandbox.folder / "tmp")
    build = sandbox.execute()
    assert build.code == "build-system-fault"
    assert sandbox.calls() == []


# What it starts: an AWS CLI takes half a second


def test_a_build_starts_the_aws_cli_twice(sandbox: Sandbox) -> None:
    assert sandbox.run().succeeded
    assert sorted(call[2] for call in sandbox.calls("aws")) == ["get-login-password", "get-object"]


def test_a_secret_and_an_image_of_ecr_public_take_one_more_each(sandbox: Sandbox) -> None:
    sandbox.secret("build", "{}")
    sandbox.upload(zipped({"Dockerfile": "FROM public.ecr.aws/docker/library/node:22\n"}))
    assert sandbox.run().succeeded
    assert len(sandbox.calls("aws")) == 4


def test_a_build_asks_the_engine_eleven_times(sandbox: Sandbox) -> None:
    assert sandbox.run().succeeded
    assert len(sandbox.calls("docker")) == 11
