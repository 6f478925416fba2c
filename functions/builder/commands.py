"""Runs programs, and finds the line that says why one failed."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from core.build_log import foreign
from core.reasons import Reason, printable


class Failed(Exception):  # noqa: N818  # it carries the reason
    """The build has failed for this reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True)
class Ended:
    """A program's exit code, and its output on stdout and stderr."""

    code: int
    output: bytes
    error: bytes = b""


def why(ended: Ended) -> str:
    """Logs a failed program's stderr and returns the line that says why it failed."""
    log(ended.error)
    return telling(ended.error.decode(errors="replace"))


def telling(text: str) -> str:
    """The line of a client's error with AWS's or the engine's answer, or else the last line."""
    lines = [line for line in map(printable, text.splitlines()) if line]
    answers = [line for line in lines if "error occurred" in line or "Error response" in line]
    return next(iter(answers or lines[-1:]), "It ended without a message.")


def run(args: Sequence[str], *, env: Mapping[str, str] | None = None, stdin: bytes = b"") -> Ended:
    """Runs a program without showing its output in the build's log."""
    ended = subprocess.run(args, env=env, input=stdin, capture_output=True, check=False)
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def leave(args: Sequence[str]) -> None:
    """Starts a program that outlives this verb, and doesn't wait for it. Its output is discarded."""
    process = subprocess.Popen(
        args,
        env=None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    process.returncode = 0  # keeps Popen from warning about a process that still runs


def give(seconds: float, args: Sequence[str]) -> None:
    """Runs a program for at most so many seconds, then ends it, without showing its output."""
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(args, env=None, input=b"", capture_output=True, check=False, timeout=seconds)


def follow(args: Sequence[str], *, env: Mapping[str, str] | None = None) -> Ended:
    """Runs a program and copies its stdout and stderr to the build's log as they come."""
    with subprocess.Popen(
        args, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        output = copied(process.stdout)
    return Ended(process.returncode, output)


def copied(pipe: IO[bytes] | None) -> bytes:
    """Reads a pipe to its end and logs each line as it comes."""
    lines = []
    for line in pipe or ():
        log(line)
        lines.append(line)
    return b"".join(lines)


def log(printed: bytes) -> None:
    """Logs a program's output so that none of its lines can pass for one of the builder's."""
    for line in printed.decode(errors="replace").splitlines(keepends=True):
        sys.stdout.write(foreign(line))
    sys.stdout.flush()
