"""The builder restarts CodeBuild's own engine with the other image store and leaves any other engine alone."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from builder import commands, engine
from builder.commands import Failed
from builder.state import FOLDER
from tests.unit.builder.support.fake_engine import CACHING

OWN = ["--host=unix:///var/run/docker.sock", "--host=tcp://127.0.0.1:2375", "--storage-driver=overlay2"]
# In place of the engine's daemon: a process that keeps its number in a file while it runs, as dockerd does.
DAEMON = f"""\
#!{sys.executable} -IS
import json, os, signal, sys
from pathlib import Path

folder = Path(__file__).parent
with (folder / "started").open("a") as started:
    names = ("BUILDKIT_STEP_LOG_MAX_SIZE", "BUILDKIT_STEP_LOG_MAX_SPEED")
    print(json.dumps([sys.argv[1:], {{name: os.environ.get(name) for name in names}}, os.getsid(0)]), file=started)
refused = (folder / "refuses").read_text().split()
if any(option in refused for option in sys.argv[1:]):
    sys.exit("failed to start daemon: no such driver")

def end(*_):
    (folder / "docker.pid").unlink()
    sys.exit()

signal.signal(signal.SIGTERM, signal.SIG_IGN if "stubborn" in refused else end)
(folder / "new").write_text(str(os.getpid()))
(folder / "new").rename(folder / "docker.pid")
print("API listen on /var/run/docker.sock", flush=True)
while True:
    signal.pause()
"""


@dataclass
class Machine:
    """A machine with an engine like CodeBuild's."""

    folder: Path
    store: list[list[str]] = field(default_factory=list)
    asked: list[list[str]] = field(default_factory=list)

    def refuses(self, *words: str) -> None:
        """Makes the engine refuse to start with any of these options, or refuse to end."""
        (self.folder / "refuses").write_text("\n".join(words))

    def starts(self, *options: str) -> None:
        """Starts the engine, as the build's image does."""
        process = subprocess.Popen(["dockerd", *options], stdout=subprocess.PIPE, start_new_session=True)
        assert process.stdout
        with process.stdout as printed:
            assert printed.readline() == b"API listen on /var/run/docker.sock\n"
        process.returncode = 0  # the test ends it

    def end(self) -> None:
        """Ends the engine."""
        process = self.started[-1][2]
        os.kill(process, signal.SIGTERM)
        os.waitpid(process, 0)

    def answers(self) -> bool:
        """Whether the engine runs."""
        return (self.folder / "docker.pid").exists()

    @property
    def started(self) -> list[tuple[list[str], dict[str, Any], int]]:
        """The started engines: options, environment, and session, whose id is the process's number."""
        return [tuple(json.loads(line)) for line in (self.folder / "started").read_text().splitlines()]

    def run(self, args: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        """Docker's client."""
        self.asked.append(args)
        assert args[1:] in (["version"], ["info", "--format", "json"])
        return subprocess.CompletedProcess(args, 0 if self.answers() else 1, json.dumps(self.store).encode(), b"down")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """A machine whose own engine runs."""
    (tmp_path / "dockerd").write_text(DAEMON)
    (tmp_path / "dockerd").chmod(0o755)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(engine, "PID_FILE", tmp_path / "docker.pid")
    monkeypatch.setattr(engine, "LOG", tmp_path / "docker.log")
    monkeypatch.setattr(engine, "LOOK_SECONDS", 0.001)
    made = Machine(tmp_path)
    monkeypatch.setattr(commands, "subprocess", made)
    made.refuses()
    made.starts(*OWN)
    yield made
    for _, _, process in made.started:
        with suppress(ChildProcessError):  # one that didn't start is gone already
            if os.waitpid(process, os.WNOHANG) == (0, 0):
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)


def test_the_machine_s_own_engine_gets_the_other_store_and_loses_its_port(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.store = CACHING
    assert engine.ready("") is True
    assert capsys.readouterr().out == "Restarting CodeBuild's engine without its TCP port.\n"
    (options, limits, session) = machine.started[-1]
    config = machine.folder / "work" / "engine.json"
    assert options == ["--host=unix:///var/run/docker.sock", "--config-file", str(config)]
    assert json.loads(config.read_text()) == {"features": {"containerd-snapshotter": True}, "registry-mirrors": []}
    assert set(limits.values()) == {str(16 * 1024 * 1024)}
    assert session != os.getsid(0), "it would end with the verb that starts it"
    assert len(machine.started) == 2


def test_a_mirror_of_docker_hub_is_in_the_engine_s_configuration(machine: Machine) -> None:
    engine.ready("https://mirror.example")
    config = json.loads((machine.folder / "work" / "engine.json").read_text())
    assert config["registry-mirrors"] == ["https://mirror.example"]


def test_an_engine_that_does_not_accept_the_other_store_starts_as_before(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.refuses("--config-file")
    assert engine.ready("") is False
    assert [options for options, _, _ in machine.started][1:] == [
        ["--host=unix:///var/run/docker.sock", "--config-file", str(machine.folder / FOLDER / "engine.json")],
        ["--host=unix:///var/run/docker.sock", "--storage-driver=overlay2"],
    ]
    log = capsys.readouterr().out
    assert "failed to start daemon: no such driver" in log
    assert "It starts with its old one, without its TCP port." in log


def test_an_engine_that_does_not_start_again_is_no_fault_of_the_upload(machine: Machine) -> None:
    machine.refuses("--host=unix:///var/run/docker.sock")
    with pytest.raises(Failed) as failed:
        engine.ready("")
    assert failed.value.reason.code == "build-system-fault"


def test_an_engine_that_does_not_end_is_killed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.end()
    machine.refuses("stubborn")
    machine.starts(*OWN)
    machine.refuses()
    waits_for_its_end = iter([True])

    def soon(is_so: Callable[[], bool]) -> bool:
        return wait(is_so) if not next(waits_for_its_end, False) else is_so()

    wait = engine.soon
    monkeypatch.setattr(engine, "soon", soon)
    engine.ready("")
    assert [options for options, _, _ in machine.started][2][1] == "--config-file"


def test_an_engine_from_outside_is_left_alone(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///elsewhere.sock")
    engine.ready("https://mirror.example")
    assert not capsys.readouterr().out
    assert len(machine.started) == 1
    assert machine.asked == [["docker", "info", "--format", "json"]]


def test_an_engine_without_a_port_is_not_codebuild_s(machine: Machine) -> None:
    machine.end()
    machine.starts("--host=unix:///var/run/docker.sock")
    engine.ready("")
    assert len(machine.started) == 2


@pytest.mark.parametrize("written", [None, "", "none", "4194305"], ids=["no file", "nothing", "no number", "nobody"])
def test_if_no_engine_runs_none_is_started(machine: Machine, written: str | None) -> None:
    machine.end()
    if written is not None:
        (machine.folder / "docker.pid").write_text(written)
    assert engine.own_command() == []
