"""Prints a build's log."""

import sys

from ship.asked import Asked
from ship.aws import codebuild
from ship.aws.codebuild import BuildLog
from ship.outcomes import EXIT_CODES, INTERRUPTED, READER_GONE, going_on
from ship.problem import Problem
from ship.streams import Stream
from ship.terminal import ERROR, STYLES, Terminal
from ship.uploads.following import Follower


def show(asked: Asked, terminal: Terminal) -> None:
    """Prints the log of an upload's newest build.

    Raises:
        Problem: there is no build.
    """
    version = asked.version()
    asked.require_stack()
    found = codebuild.newest_of(asked.access, asked.stack, version)
    if not found:
        what_became_of_it = asked.stack.command("status", "--version", version.version_id, key=version.key)
        raise Problem(f"There is no recent build of {version.key}.", what_became_of_it)
    log = BuildLog.of(asked.access, found)
    lines = list(log.read()) if log else []
    if not lines:
        terminal.note(f"The build of {version.key} has printed nothing yet.", even_if_quiet=True)
    terminal.answer(*lines)


def follow(asked: Asked, terminal: Terminal, timeout: float) -> int:
    """Prints a build's log until its upload has a result. Returns the exit code, as `ship up` does.

    Args:
        asked: which upload.
        terminal: the caller's.
        timeout: stop following after this many seconds.

    Raises:
        Problem: there is no upload, or it takes too long.
    """

    def print_line(line: str) -> None:
        terminal.answer(line)
        if isinstance(sys.stdout, Stream) and sys.stdout.reader_is_gone:
            raise BrokenPipeError

    version = asked.version()
    follower = Follower(asked.access, asked.stack, version, timeout=timeout)
    try:
        state = terminal.watch(follower.follow(), print_line)
    except BrokenPipeError:
        return READER_GONE
    except KeyboardInterrupt:
        to_follow = going_on(asked.stack, version)
        terminal.note(f"Interrupted. The upload continues. To follow it: {to_follow}", even_if_quiet=True)
        return INTERRUPTED
    except Problem:
        terminal.note(f"To follow it: {going_on(asked.stack, version)}", even_if_quiet=True)
        raise
    terminal.note(state.name, STYLES[state.name], timed=True)
    if state.image_uri:
        terminal.note(state.image_uri)
    if state.name == "recorded" and (ending := follower.ending()):
        terminal.warn_of_ending(ending)
    if reason := (follower.reason() if state.name == "failed" else None) or state.reason:
        terminal.report(ERROR, str(reason))
    return EXIT_CODES[state.name]
