"""`ship why`: the reason why there is no image of an upload, in the words of the step that failed."""

from collections import deque

from botocore.exceptions import ClientError

from core.reasons import Reason
from ship import project
from ship.access import POLICIES, in_words, is_refusal
from ship.asked import Asked
from ship.outcomes import detail_of
from ship.problem import Problem
from ship.project import BuildLog
from ship.states import State
from ship.terminal import STYLES, Terminal, answer_json

LOOKED_AT = 20


def explain(asked: Asked, terminal: Terminal, *, as_json: bool) -> None:
    """Says why there is no image of an upload: by default of the last whose build failed.

    Raises:
        Problem: there is no such upload, or AWS says no.
    """
    state = asked.state(asked.key) if asked.key else last_failed(asked)
    with in_words():
        reason = in_log(asked, state) if state.name == "failed" else None
    if as_json:
        answer_json(detail_of(asked.stack, state, reason=reason))
        return
    terminal.out(f"{state.version.key}: {state.name or 'no status yet'}", STYLES.get(state.name, "bold"))
    terminal.out(str(reason or state.reason or "There is nothing to explain."))
    if reason and reason.output:
        terminal.out("The last lines of the step:")
        for line in reason.output:
            terminal.out(f"  {line}", "dim")


def last_failed(asked: Asked) -> State:
    """The last upload whose build failed.

    Raises:
        Problem: there is none.
    """
    with in_words():
        last = asked.last(LOOKED_AT)
    failed = next((each for each in last if each.name == "failed"), None)
    if failed:
        return failed
    if unreadable := next((each for each in last if not each.is_readable), None):
        raise Problem(unreadable.reason, POLICIES)
    raise Problem(
        f"None of the last {LOOKED_AT} uploads that were built failed.",
        f"Name one, such as one that was rejected: {asked.stack.command('why')} KEY",
    )


def in_log(asked: Asked, state: State) -> Reason | None:
    """Why a build failed, in its own words; None where there are none, or the caller may not see them."""
    if not asked.stack.is_known:
        return None
    try:
        found = project.newest_of(asked.access, asked.stack, state.version)
        log = BuildLog.of(asked.access, found) if found else None
        if log:
            deque(log.read(), maxlen=0)
    except ClientError as error:
        if not is_refusal(error):
            raise
        return None
    return log.reason() if log else None
