"""The private engine: the first user starts it, all use it at the same time, the last one stops it."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.pipeline import wait_for
from tests.local.support.machines import DOCKER, DOCKERD, Machine, User
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine on which the engine's packages can be unpacked."""
    programs = tmp_path / "packages" / "usr"
    for folder in (tmp_path / "bin", tmp_path / "gates", programs / "bin", programs / "libexec/docker/cli-plugins"):
        folder.mkdir(parents=True)
    for file, script in {
        tmp_path / "bin" / "docker": DOCKER,
        tmp_path / "bin" / "curl": "#!/bin/sh\n",
        tmp_path / "bin" / "jq": "#!/bin/sh\n",
        programs / "bin" / "docker": DOCKER,
        programs / "bin" / "dockerd": DOCKERD.format(python=sys.executable),
    }.items():
        file.write_text(script)
        file.chmod(0o755)
    machine = Machine(tmp_path)
    yield machine
    machine.end()


@pytest.fixture
def first(machine: Machine) -> User:
    """A user that has started the engine and works."""
    first = machine.user()
    first.says("works")
    return first


# Users


def test_commands_use_one_engine_at_the_same_time_and_the_last_stops_it(machine: Machine, first: User) -> None:
    second = machine.user()
    second.says("works")
    assert first.process.poll() is None
    engine = machine.engine()
    first.leave()
    assert engine
    assert machine.engine() == engine
    third = machine.user()
    third.says("works")
    assert machine.starts() == 1
    second.leave()
    third.leave()
    assert machine.engine() is None
    machine.user().says("works")
    assert machine.starts() == 2


def test_many_commands_that_come_and_go_at_once_all_have_an_engine(machine: Machine) -> None:
    users = [machine.user() for _ in range(6)]
    for user in users:
        user.let_go()

    for user in users:
        user.says("works")
    assert [user.process.wait(PATIENCE) for user in users] == [0] * len(users)
    assert machine.engine() is None


# Waiting


SET_UP, START = "Installing a private Docker engine (about 80 MB, once) …", "Starting the Docker engine …"


@pytest.mark.parametrize(("gate", "said"), [("set-up", SET_UP), ("start", START)])
def test_a_command_that_comes_while_the_engine_is_set_up_or_started_shows_so(
    machine: Machine, gate: str, said: str
) -> None:
    let_pass = machine.shut(gate)
    first = machine.user()
    first.says(said)
    second = machine.user()
    second.says(f"Waiting for another command: {said}")
    let_pass()

    first.says("works")
    second.says("works")


def test_a_command_that_comes_while_the_engine_is_stopped_shows_so(machine: Machine, first: User) -> None:
    let_pass = machine.shut("stop")
    first.let_go()
    second = machine.user()
    second.says("Waiting for another command: Stopping the Docker engine …")
    let_pass()

    second.says("works")
    assert machine.starts() == 2


def test_a_command_that_comes_while_the_engine_is_used_waits_for_nothing(machine: Machine, first: User) -> None:
    printed, _ = machine.user().process.communicate(timeout=PATIENCE)

    assert printed == "works\n"


def test_a_command_that_waits_for_the_engine_can_be_interrupted(machine: Machine) -> None:
    let_pass = machine.shut("start")
    first = machine.user()
    first.says("Starting the Docker engine")
    second = machine.user()
    second.says("Waiting for another command")
    second.process.send_signal(signal.SIGINT)

    assert second.process.wait(PATIENCE)
    let_pass()
    first.says("works")


# What goes wrong


def test_an_engine_that_a_killed_command_left_running_is_taken_over_and_stopped(machine: Machine, first: User) -> None:
    first.kill()
    engine = machine.engine()
    second = machine.user()
    second.says("works")

    assert engine
    assert machine.engine() == engine
    second.leave()
    assert machine.engine() is None


def test_an_engine_that_a_killed_command_left_starting_gives_way_to_another(machine: Machine) -> None:
    machine.shut("start")
    first = machine.user()
    first.says("Starting the Docker engine")
    left = wait_for("The engine's process", machine.engine, PATIENCE)
    first.kill()
    (machine.folder / "gates" / "start").unlink()
    second = machine.user()
    second.says("works")

    assert machine.engine() != left
    second.leave()
    assert machine.engine() is None


def test_a_killed_command_among_others_changes_nothing_for_their_engine(machine: Machine, first: User) -> None:
    second = machine.user()
    second.says("works")
    first.kill()
    machine.user().says("works")

    assert machine.starts() == 1


def test_an_engine_that_does_not_stop_is_killed(machine: Machine) -> None:
    machine.shut("stop")
    first = machine.user(stop_seconds=0.1)
    first.says("works")
    command = Path(f"/proc/{machine.engine()}/cmdline")
    assert command.read_text()
    first.leave()

    assert not command.exists() or not command.read_text()


def test_an_engine_that_does_not_start_is_said_so_at_once_with_its_last_words(machine: Machine, first: User) -> None:
    first.leave()
    (machine.home / "programs/usr/bin/dockerd").write_text("#!/bin/sh\necho no room left\nexit 1\n")
    second = machine.user()
    second.says("The Docker engine didn't start:")
    second.says("no room left")

    assert second.process.wait(PATIENCE) == 1
