"""The local cloud: nothing of its caller's gets in, nothing of it stays behind, and AWS's tools use no other."""

import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local import emulator as module
from local.cloud.shared.live_settings import FOLDER_VARIABLE, Settings, settings
from local.docker.bridge import bridged
from local.emulator import ROOT, Account, cloud_environment, local_cloud, remove_images, reserved_port, run_tool
from local.pipeline import Pipeline, wait_for
from local.progress import UserError
from tests.local.support.building import Builder
from tests.local.support.pipes import Pulse
from tests.local.support.resources import building, deploy
from tests.support.waiting import PATIENCE

CALLERS = {
    "AWS_PROFILE": "production",
    "AWS_DEFAULT_PROFILE": "production",
    "AWS_SESSION_TOKEN": "the caller's",
    "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_CA_BUNDLE": "/missing.pem",
}


@pytest.fixture
def of_a_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of somebody who works with AWS accounts of his own."""
    for name, value in CALLERS.items():
        monkeypatch.setenv(name, value)


def program(file: Path, script: str) -> None:
    """Puts a shell script in a program's place."""
    file.write_text(f"#!{shutil.which('sh')}\n{script}\n")
    file.chmod(0o755)


def listening(port: int, *, knows_it: bool) -> bool:
    """Whether a server can listen there: one that was given the port's number, or one that tries its luck."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(knows_it))
        try:
            server.bind(("127.0.0.1", port))
        except OSError:
            return False
        server.listen()
        with socket.create_connection(("127.0.0.1", port)):
            return True


# What gets in


@pytest.mark.usefixtures("of_a_caller")
def test_of_the_callers_environment_only_the_path_gets_into_the_local_cloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {name: f"the caller's {name}" for name in os.environ if name != "PATH"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    environment = cloud_environment({"DOCKER_CONFIG": "/config"}, tmp_path, 4566)

    assert not [name for name in environment if name.startswith("AWS_")]
    assert not set(environment.values()) & set(values.values())
    assert environment["PATH"].endswith(os.pathsep + os.environ["PATH"])
    assert (environment["HOME"], environment["TMPDIR"]) == (str(tmp_path), str(tmp_path / "tmp"))


def test_the_engines_variables_get_into_a_local_cloud_that_listens_on_loopback_only_and_enforces_rights(
    tmp_path: Path,
) -> None:
    engine = {"DOCKER_HOST": "unix:///engine", "DOCKER_CONFIG": "/config", "PATH": "/engine/bin"}
    environment = cloud_environment(engine, tmp_path, 4566)

    assert {**environment, **engine, "PATH": environment["PATH"]} == environment
    assert environment["PATH"] == f"{module.ROOT / '.venv-cloud' / 'bin'}{os.pathsep}/engine/bin"
    assert (environment["BIND_HOST"], environment["GATEWAY_PORT"], environment["AUTH"]) == ("127.0.0.1", "4566", "true")
    assert environment["IOT_MTLS_ENABLED"] == environment["SFTP_ENABLED"] == "0"  # they open ports of their own


@pytest.mark.usefixtures("of_a_caller")
def test_a_tool_of_the_caller_uses_the_local_account(here: Account, capfd: pytest.CaptureFixture[str]) -> None:
    run_tool(here, ["aws", "sts", "get-caller-identity"], "The question")

    assert capfd.readouterr() == ("", "")


def test_the_first_start_of_a_tool_writes_bytecode_whatever_the_caller_has_set(here: Account) -> None:
    assert os.environ["PYTHONDONTWRITEBYTECODE"] == "1"
    assert run_tool(here, ["python", "-c", "import sys; print(sys.dont_write_bytecode)"], "It").strip() == "False"


def test_the_error_of_a_tool_that_fails_has_what_it_printed(here: Account) -> None:
    with pytest.raises(UserError) as raised:
        run_tool(here, ["aws", "s3", "ls", "s3://missing-bucket"], "The upload")

    assert str(raised.value).startswith("The upload failed:\n")
    assert "NoSuchBucket" in str(raised.value)


def test_the_port_of_the_cloud_is_given_to_nobody_else() -> None:
    with reserved_port() as port:
        assert not listening(port, knows_it=False)
        assert listening(port, knows_it=True)


# What can be changed while it runs


def test_facts_of_the_account_change_while_it_runs(
    here: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Account(here.endpoint, tmp_path)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    before = settings()
    own.set(Settings(concurrent_builds=1, minute_seconds=0.5, build_events=False))

    assert before == Settings(concurrent_builds=20, minute_seconds=60, build_events=True)
    assert settings() == Settings(concurrent_builds=1, minute_seconds=0.5, build_events=False)
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


# Its end


@pytest.mark.slow
def test_nothing_of_the_cloud_runs_after_its_block(engine: dict[str, str], tmp_path: Path, pulse: Pulse) -> None:
    with local_cloud(engine, tmp_path) as here:
        cloud = Pipeline(here.session(), {}, here.endpoint)
        deploy(cloud, "building", building())
        Builder(cloud, here).start(f"{pulse.command}; sleep 3600")
        pulse.wait_until_it_beats()

    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", urlsplit(here.endpoint).port)) != 0
    pulse.wait_until_it_stops()


def test_the_cloud_ends_where_there_is_no_docker_command(tmp_path: Path) -> None:
    remove_images({"PATH": str(tmp_path)}, "127.0.0.1:1/")


@pytest.mark.parametrize(
    ("image", "taken_out"),
    [
        ("127.0.0.1:1/a:candidate@sha256:0", ["image rm --force 127.0.0.1:1/a:candidate"]),
        ("127.0.0.1:1/a:<none>@sha256:0", ["image rm --force 127.0.0.1:1/a@sha256:0"]),  # pulled by its digest
        ("127.0.0.1:11/a:candidate@sha256:0", []),
        ("public.ecr.aws/docker/library/busybox:stable@<none>", []),
    ],
)
def test_the_clouds_own_images_are_taken_out_of_the_engine(tmp_path: Path, image: str, taken_out: list[str]) -> None:
    program(tmp_path / "docker", f'if [ "$2" = ls ]; then echo "{image}"; else echo "$@" >> {tmp_path}/calls; fi')
    remove_images({"PATH": str(tmp_path)}, "127.0.0.1:1/")
    calls = tmp_path / "calls"

    assert (calls.read_text().splitlines() if calls.exists() else []) == taken_out


def test_a_cloud_that_does_not_start_says_why(
    engine: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "python", "echo no such module >&2; exit 1")
    monkeypatch.setattr(module, "CLOUD_PYTHON", tmp_path / "python")

    with pytest.raises(UserError, match="didn't start:\nno such module"), local_cloud(engine, tmp_path):
        pass


# Where containers reach it


def test_containers_reach_the_cloud_by_the_bridge(here: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.docker.bridge.gateway", lambda _: "127.0.0.1")
    with (
        bridged(here.endpoint, {}) as address,
        urllib.request.urlopen(f"{address}/_ministack/health") as answer,  # noqa: S310  # of loopback
    ):
        health = json.loads(answer.read())

    assert address != here.endpoint
    assert "services" in health


def test_an_engine_whose_network_ends_elsewhere_is_an_error(here: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.docker.bridge.gateway", lambda _: "203.0.113.1")

    with pytest.raises(UserError, match="can't reach programs on this machine"), bridged(here.endpoint, {}):
        pass


@pytest.mark.slow
def test_it_ends_with_the_program_that_started_it_even_if_that_is_killed(
    engine: dict[str, str], tmp_path: Path
) -> None:
    owner = f"""
import pathlib, sys
from local.emulator import local_cloud
with local_cloud({engine!r}, pathlib.Path({str(tmp_path)!r})) as here:
    print(here.endpoint, flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", owner], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        endpoint = next(line.strip() for line in process.stdout if line.startswith("http"))
        port = int(endpoint.rpartition(":")[2])
        assert not listening(port, knows_it=True)
        process.kill()
        process.wait()

    assert wait_for("The end of the local cloud", lambda: listening(port, knows_it=True), PATIENCE)
