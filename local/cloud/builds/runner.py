"""Runs a build's commands as CodeBuild does: each as a script, with environment and folder kept between them."""

import io
import json
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from local.cloud.builds.buildspec import Phase
from local.cloud.builds.log_stream import LogStream

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# Each script passes its environment and folder to the next. AWS speaks of "the same instance of the shell", but its
# open source runner does this.
SCRIPT = """\
cd "$(cat "$CODEBUILD_LOCAL_STATE/folder")"
set -a
. "$CODEBUILD_LOCAL_STATE/environment"
set +a
{command}
status=$?
export -p > "$CODEBUILD_LOCAL_STATE/environment"
pwd > "$CODEBUILD_LOCAL_STATE/folder"
exit "$status"
"""

LOOK_SECONDS = 0.1  # between checks whether a build has to end


class Output(io.RawIOBase):
    """A command's output until it ends: a process that left its group may keep the pipe open forever."""

    def __init__(self, pipe: io.FileIO, ended: threading.Event) -> None:
        super().__init__()
        self._pipe, self._ended = pipe, ended

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        """Waits for the next bytes. Returns 0 once the command has ended and the pipe is empty."""
        while True:
            is_last_look = self._ended.is_set()
            if select.select([self._pipe], [], [], 0 if is_last_look else LOOK_SECONDS)[0]:
                return self._pipe.readinto(buffer)
            if is_last_look:
                return 0


@dataclass
class Run:
    """A running build. `deadline` is on the monotonic clock; set `stop` to stop it."""

    folder: Path
    environment: Mapping[str, str]
    log: LogStream
    deadline: float
    stop: threading.Event = field(default_factory=threading.Event)
    process: "subprocess.Popen[bytes] | None" = None

    def prepare(self) -> None:
        """Creates the build's folders. Call it before the first phase."""
        state = self.folder / "state"
        for made in ("state", "source", "home", "tmp", "docker"):
            (self.folder / made).mkdir(parents=True)
        (state / "folder").write_text(str(self.folder / "source"))
        (state / "environment").write_text("")
        plugins = Path(self.environment["DOCKER_CONFIG"]) / "cli-plugins"
        (self.folder / "docker" / "config.json").write_text(json.dumps({"cliPluginsExtraDirs": [str(plugins)]}))

    def phase(self, phase: Phase) -> tuple[str, str]:
        """Runs the phase's commands until one fails.

        Returns:
            The phase's CodeBuild status, and its context: empty, or the failure.
        """
        # assumes: codebuild-log-lines
        self.log.container(f"Entering phase {phase.name}")
        for command in phase.commands:
            self.log.container(f"Running command {command}")
            ended = self.command(command)
            if isinstance(ended, str):
                return ended, ""
            # assumes: on-failure-abort
            if ended:
                self.log.container(f"Command did not exit successfully {command} exit status {ended}")
                self.log.container(f"Phase complete: {phase.name} State: FAILED_WITH_ABORT")
                context = f"Error while executing command: {command}. Reason: exit status {ended}"
                self.log.container(f"Phase context status code: COMMAND_EXECUTION_ERROR Message: {context}")
                return "FAILED", context
        self.log.container(f"Phase complete: {phase.name} State: SUCCEEDED")
        self.log.container("Phase context status code:  Message: ")
        return "SUCCEEDED", ""

    def command(self, command: str) -> int | str:
        """Runs a command. Returns its exit status, or STOPPED or TIMED_OUT if it was ended."""
        script = self.folder / "state" / "script.sh"
        script.write_text(SCRIPT.format(command=command))
        process = subprocess.Popen(
            ["bash", script],
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=True,  # its own process group, which can be ended as a whole
        )
        self.process = process
        has_ended = threading.Event()
        reader = threading.Thread(target=self.read, args=(process.stdout, has_ended), daemon=True)
        reader.start()
        outcome = wait(process, self.ended_by)
        self.end()
        process.wait()
        has_ended.set()
        reader.join()
        return process.returncode if outcome is None else outcome

    def end(self) -> None:
        """Ends the running command and its background processes."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def read(self, pipe: io.FileIO, has_ended: threading.Event) -> None:
        """Sends the command's output to the log."""
        with pipe, io.TextIOWrapper(io.BufferedReader(Output(pipe, has_ended)), "utf-8", "replace") as output:
            for line in output:
                self.log.write(line.rstrip("\n"))

    def ended_by(self) -> str | None:
        """The status with which the build has to end now, if any."""
        if self.stop.is_set():
            return "STOPPED"
        return "TIMED_OUT" if time.monotonic() > self.deadline else None

    def variables(self) -> dict[str, str]:
        """A command's environment: the build's, and folders that no other build uses."""
        return {
            **self.environment,
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "DOCKER_CONFIG": str(self.folder / "docker"),
            "CODEBUILD_SRC_DIR": str(self.folder / "source"),
            "CODEBUILD_LOCAL_STATE": str(self.folder / "state"),
        }


def wait(process: "subprocess.Popen[bytes]", why: Callable[[], str | None]) -> str | None:
    """Waits for the process. Returns None once it has ended, or the status with which to end it."""
    has_ended = threading.Event()

    def watch() -> None:
        process.wait()  # without a timeout: with one, Python only checks every 50 ms
        has_ended.set()

    threading.Thread(target=watch, daemon=True).start()
    while not has_ended.wait(LOOK_SECONDS):
        if reason := why():
            return reason
    return None
