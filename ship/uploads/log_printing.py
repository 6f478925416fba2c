"""Prints a build's log."""

from ship.asked import Asked
from ship.aws import codebuild
from ship.aws.codebuild import BuildLog
from ship.deployments.following import require_follower
from ship.outcomes import INTERRUPTED, READER_GONE, going_on
from ship.problem import Problem
from ship.terminal import Terminal
from ship.until import Until
from ship.uploads.following import Follower
from ship.uploads.results import Result


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


def follow(asked: Asked, terminal: Terminal, timeout: float, until: Until = Until.RECORDED) -> int:
    """Prints a build's log until its upload has a result. Returns the exit code, as `ship up` does.

    Args:
        asked: which upload.
        until: which result.
        terminal: the caller's.
        timeout: stop following after this many seconds.

    Raises:
        Problem: there is no upload, or it takes too long.
    """

    version = asked.version()
    if until is Until.RUNNING:
        require_follower(asked, terminal)
    follower = Follower(asked.access, asked.stack, version, until, timeout=timeout)
    to_follow = f"To follow it: {going_on(asked.stack, version, until)}"
    try:
        state = terminal.watch(follower.follow(), terminal.stream)
    except BrokenPipeError:
        return READER_GONE
    except KeyboardInterrupt:
        terminal.note(f"Interrupted. The upload continues. {to_follow}", even_if_quiet=True)
        return INTERRUPTED
    except Problem:
        terminal.note(to_follow, even_if_quiet=True)
        raise
    result = Result.of(state, follower)
    result.name(terminal)
    if state.image_uri:
        terminal.note(state.image_uri)
    result.explain(terminal)
    return result.exit_code
