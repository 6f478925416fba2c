"""The one place where a program is started, and the line that says why one failed."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from core.build_log import foreign
from core.reasons import Reason, printable


class Failed(Exception):  # noqa: N818  # it is the build's end, and says why
    """The build has failed for this reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit code, and what it printed to stdout and to stderr."""

    code: int
    output: bytes
    error: bytes = b""


def why(ended: Ended) -> str:
    """The line that says why a program failed. The build's log has the whole of it."""
    log(ended.error)
    return telling(ended.error.decode(errors="replace"))


def telling(text: str) -> str:
    """The line of a client's error that says why: the one with AWS's or the engine's answer, or else the last."""
    lines = [line for line in map(printable, text.splitlines()) if line]
    answers = [line for line in lines if "error occurred" in line or "Error response" in line]
    return next(iter(answers or lines[-1:]), "It ended without a message.")


def run(args: Sequence[str], *, env: Mapping[str, str] | None = None, stdin: bytes = b"") -> Ended:
    """Runs a program to its end, which prints nothing to the build's log."""
    ended = subprocess.run(args, env=env, input=stdin, capture_output=True, check=False)
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def follow(args: Sequence[str], *, env: Mapping[str, str] | None = None) -> Ended:
    """Runs a program to its end; what it prints, to stdout or stderr, is in the build's log as it comes."""
    with subprocess.Popen(
        args, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        output = copied(process.stdout)
    return Ended(process.returncode, output)


def copied(pipe: IO[bytes] | None) -> bytes:
    """All that comes through a pipe, each line of which is in the build's log at once."""
    lines = []
    for line in pipe or ():
        log(line)
        lines.append(line)
    return b"".join(lines)


def log(printed: bytes) -> None:
    """Puts into the build's log what a program printed, of which no line can pass for one of the builder's."""
    for line in printed.decode(errors="replace").splitlines(keepends=True):
        sys.stdout.write(foreign(line))
    sys.stdout.flush()
