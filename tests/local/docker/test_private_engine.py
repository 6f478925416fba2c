"""The private engine: the first user starts it, all use it at the same time, the last one stops it.

Its users are processes of their own. Its packages hold scripts instead of `docker` and `dockerd`, which can be held up.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from local.emulator import ROOT
from local.pipeline import wait_for
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow

# Whoever runs the tests need not be root on Debian, as nothing is installed.
USER = """
import os, shutil, sys
from pathlib import Path
from local.docker import debian, private_engine as engine

def unpack(packages, into, **_):
    gate = Path(os.environ["GATES"], "set-up")
    if gate.exists():
        gate.read_text()
    shutil.copytree(os.environ["PACKAGES"], into)

debian.installable = lambda: True
debian.release = lambda: "trixie"
debian.install = lambda packages: None
debian.run = lambda command: "amd64"
debian.unpack = unpack
engine.START_SECONDS = float(os.environ["START_SECONDS"])
engine.STOP_SECONDS = float(os.environ["STOP_SECONDS"])
try:
    with engine.engine():
        print("works", flush=True)
        sys.stdin.read()
except engine.UserError as error:
    sys.exit(str(error))
"""
DOCKERD = """\
#!{python}
import os, signal, sys
from pathlib import Path

def pass_gate(name):
    gate = Path(os.environ["GATES"], name)
    if gate.exists():
        gate.read_text()

home = Path(sys.argv[-1]).parent
answers = home / "answers"
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
if answers.exists():
    sys.exit("another one runs")
(home / "docker.pid").write_text(str(os.getpid()))
try:
    pass_gate("start")
    answers.write_text("")
    with (home / "starts").open("a") as starts:
        starts.write("1")
    signal.pause()
finally:
    pass_gate("stop")
    answers.unlink(missing_ok=True)
    (home / "docker.pid").unlink()
"""
DOCKER = """\
#!/bin/sh
home=${DOCKER_HOST#unix://}
[ "$1 $2" != 'buildx inspect' ] || echo linux/arm64
[ -e "${home%/*}/answers" ]
"""


@dataclass(frozen=True)
class User:
    """A command that uses the engine until it is let go."""

    process: "subprocess.Popen[str]"

    def says(self, text: str) -> None:
        """Returns when it has printed a line with this text."""
        assert self.process.stdout
        printed = []
        for line in self.process.stdout:
            printed.append(line)
            if text in line:
                return
        pytest.fail(f"It ended and had said no {text!r}: {printed}")

    def leave(self) -> None:
        """Lets it go on to its end and waits for that."""
        self.let_go()
        assert self.process.wait(PATIENCE) == 0

    def let_go(self) -> None:
        """Lets it go on to its end."""
        assert self.process.stdin
        self.process.stdin.close()

    def kill(self) -> None:
        """Ends it without a word to it."""
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True)
class Machine:
    """A machine without an engine."""

    folder: Path
    users: list[User] = field(default_factory=list)

    @property
    def home(self) -> Path:
        """Where the private engine lives."""
        return self.folder / "cache" / "source-to-ecr" / "engine"

    def user(self, stop_seconds: float = PATIENCE) -> User:
        """Starts a command that uses the engine."""
        process = subprocess.Popen(
            [sys.executable, "-c", USER],
            cwd=ROOT,
            env={
                **os.environ,
                "XDG_CACHE_HOME": str(self.folder / "cache"),
                "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
                "DOCKER_HOST": f"unix://{self.folder}/none/docker.sock",
                "PACKAGES": str(self.folder / "packages"),
                "GATES": str(self.folder / "gates"),
                "START_SECONDS": str(PATIENCE),
                "STOP_SECONDS": str(stop_seconds),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.users.append(User(process))
        return self.users[-1]

    def shut(self, gate: str) -> Callable[[], None]:
        """Holds up what passes this gate from now on; gives what opens it for ever, when somebody stands there."""
        path = self.folder / "gates" / gate
        os.mkfifo(path)

        def look() -> int | None:
            try:
                return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # nobody stands there yet
                return None

        def let_pass() -> None:
            end = wait_for(f"The arrival at the gate {gate}", look, PATIENCE)
            path.unlink()
            os.close(end)

        return let_pass

    def engine(self) -> int | None:
        """The process id of the engine, which it notes while it runs."""
        try:
            return int((self.home / "docker.pid").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def starts(self) -> int:
        """How often an engine has started."""
        return len((self.home / "starts").read_text())

    def end(self) -> None:
        """Ends what a failed test left."""
        for user in self.users:
            user.kill()
            for pipe in (user.process.stdin, user.process.stdout):
                assert pipe
                pipe.close()
        if left := self.engine():
            os.kill(left, signal.SIGKILL)


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
