"""Explains why an upload has no image or doesn't run, or how its image's program ended during the trial."""

from collections import deque
from collections.abc import Sequence

from botocore.exceptions import ClientError

from ship.asked import Asked
from ship.aws import codebuild
from ship.aws.codebuild import BuildLog
from ship.aws.errors import POLICIES, is_refusal
from ship.aws.s3 import State
from ship.deployments import verdicts
from ship.outcomes import RECORDED, detail_of
from ship.printable import json_of
from ship.problem import Problem
from ship.terminal import STYLES, Terminal, of_tag

LOOKED_AT = 20


def explain(asked: Asked, terminal: Terminal, *, as_json: bool) -> None:
    """Explains why an upload has no image, or why ECS doesn't run it. By default the last upload that failed.

    Raises:
        Problem: there is no such upload.
    """
    state = asked.state(asked.key) if asked.key else last_failed(asked)
    log = log_of(asked, state) if state.name in {"failed", *RECORDED} else None
    ending = log.ending if log and state.name in RECORDED else None
    verdict = verdicts.explained(asked.access, asked.stack, state)
    reason = log.reason if log and state.name == "failed" else verdict.reason
    if as_json:
        terminal.answer(json_of(detail_of(asked.stack, state, reason=reason, ending=ending, log=verdict.log)))
        return
    terminal.answer(f"{state.version.key}: {state.name or 'no status yet'}", style=STYLES.get(state.name, "bold"))
    if not asked.key and state.image_tag:
        terminal.answer(f"Uploaded {of_tag(state.image_tag)}.", style="dim")
    said = str(reason or state.reason)
    if said or not ending:
        terminal.answer(said or "There is nothing to explain.")
    if reason:
        tell_output(f"The last lines of the {'task' if state.name in RECORDED else 'step'}:", reason.output, terminal)
    if verdict.log:
        terminal.answer(f"The task's log: {verdict.log}")
    if ending:
        terminal.answer(f"The image's program ended when the build tried it. {ending.sentence}")
        tell_output("The last lines of the program:", ending.output, terminal)


def tell_output(title: str, output: Sequence[str], terminal: Terminal) -> None:
    """Shows the last lines of output, if there are any."""
    if output:
        terminal.answer(title)
    for line in output:
        terminal.answer(f"  {line}", style="dim")


def last_failed(asked: Asked) -> State:
    """The last upload whose build or deployment failed.

    Raises:
        Problem: there is none.
    """
    last = asked.last(LOOKED_AT)
    failed = next((each for each in last if each.name in {"failed", "not-healthy"}), None)
    if failed:
        return failed
    if unreadable := next((each for each in last if not each.is_readable), None):
        raise Problem(unreadable.reason, POLICIES)
    raise Problem(
        f"None of the last {LOOKED_AT} uploads that were built failed.",
        f"To explain another, such as a rejected one: {asked.stack.command('why')} KEY",
    )


def log_of(asked: Asked, state: State) -> BuildLog | None:
    """The log of an upload's newest build, read completely. None if there is none or the caller can't see it."""
    if not asked.stack.is_known:
        return None
    try:
        found = codebuild.newest_of(asked.access, asked.stack, state.version)
        log = BuildLog.of(asked.access, found) if found else None
        if log:
            deque(log.read(), maxlen=0)
    except ClientError as error:
        if not is_refusal(error):
            raise
        return None
    return log
