"""Machines whose users start and stop a private engine.

The users are processes of their own. Their packages hold scripts instead of `docker` and `dockerd`,
which can be held up.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from local.emulator import ROOT
from local.pipeline import wait_for
from tests.support.waiting import PATIENCE

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
