"""`ship logs`: what a build printed, or prints."""

import sys
from contextlib import suppress

from core.uploads import ObjectVersion
from ship import project
from ship.access import in_words
from ship.asked import Asked
from ship.following import Follower
from ship.outcomes import EXIT_CODES, INTERRUPTED, READER_GONE, going_on
from ship.problem import Problem
from ship.project import BuildLog
from ship.streams import Stream
from ship.terminal import STYLES, Terminal, answer, safe


def print_line(line: str) -> None:
    """Prints a line.

    Raises:
        BrokenPipeError: nobody reads any more.
    """
    answer(line)
    if isinstance(sys.stdout, Stream) and sys.stdout.reader_is_gone:
        raise BrokenPipeError


def show(asked: Asked, terminal: Terminal) -> None:
    """Prints what the newest build of an upload printed.

    Raises:
        Problem: there is no build, or AWS says no.
    """
    version = asked.version()
    asked.require_stack()
    with in_words():
        found = project.newest_of(asked.access, asked.stack, version)
        if not found:
            raise Problem(f"There is no build of {version.key}, or it is long ago.", f"ship status {version.key}")
        log = BuildLog.of(asked.access, found)
        lines = list(log.read()) if log else []
    if not lines:
        terminal.tell(f"The build of {version.key} has printed nothing yet.")
    with suppress(BrokenPipeError):
        for line in lines:
            print_line(safe(line))


def follow(asked: Asked, terminal: Terminal) -> int:
    """Prints what a build prints until its upload's end, and gives the exit code, as `ship up` does.

    Raises:
        Problem: there is no upload, or AWS says no.
    """
    version: ObjectVersion = asked.version()
    follower = Follower(asked.access, asked.stack, version)
    try:
        state = terminal.watch(follower.follow(), print_line)
    except BrokenPipeError:
        return READER_GONE
    except KeyboardInterrupt:
        terminal.tell(f"Interrupted; the upload goes on. To follow it: {going_on(asked.stack, version)}")
        return INTERRUPTED
    terminal.timed(state.name, STYLES[state.name])
    if state.image_uri:
        terminal.say(state.image_uri)
    if reason := (follower.reason() if state.name == "failed" else None) or state.reason:
        terminal.fail(str(reason))
    return EXIT_CODES[state.name]
