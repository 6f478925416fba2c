"""`ship status`: what became of an upload, or what is recorded and what became of the last uploads."""

from ship.access import in_words
from ship.asked import Asked
from ship.outcomes import detail_of
from ship.records import Records, records
from ship.states import State
from ship.terminal import STYLES, Terminal, answer_json, moment, of_tag

UPLOADS_SHOWN = 10


def of_upload(asked: Asked, key: str, terminal: Terminal, *, as_json: bool) -> None:
    """Says what became of an upload.

    Raises:
        Problem: there is none, or AWS says no.
    """
    state = asked.state(key)
    if as_json:
        answer_json(detail_of(asked.stack, state))
        return
    terminal.out(state.name or "no status yet", STYLES.get(state.name, ""))
    for line in (state.reason, state.image_tag, state.image_uri):
        if line:
            terminal.out(line)


def of_service(asked: Asked, terminal: Terminal, *, as_json: bool) -> None:
    """Says what the parameter names, and what became of the last uploads.

    Raises:
        Problem: AWS says no.
    """
    asked.require_stack()
    with in_words():
        found = records(asked.access, asked.stack)
        last = asked.last(UPLOADS_SHOWN)
    if as_json:
        answer_json(summary(asked, found, last))
        return
    tell_recorded(asked, found, terminal)
    terminal.out("The last uploads that were built:" if last else "Nothing was built yet.")
    for state in last:
        terminal.out(f"  {of_tag(state.image_tag)}  {state.name:10}  {state.version.key}", STYLES.get(state.name, ""))
        if state.reason:
            terminal.out(f"      {state.reason}", "dim")


def tell_recorded(asked: Asked, found: Records, terminal: Terminal) -> None:
    """Says what the parameter names."""
    parameter = asked.stack.parameter
    if not found.namings:
        terminal.out(f"{parameter}: nothing is recorded yet.")
        return
    current = found.current
    terminal.out(f"{parameter} names {found.current_tag or 'an image without a build tag'}", "bold")
    terminal.out(f"  {current.uri}")
    how = "recorded" if current.build_tag else f"by {current.by}: {current.description or 'without a word'}"
    terminal.out(f"  since {moment(current.since)}, {how}")
    if found.is_rolled_back:
        forward = asked.stack.command("forward")
        terminal.out(f"  Rolled back. The newest recorded image is {found.newest}: {forward}", "yellow")


def summary(asked: Asked, found: Records, last: list[State]) -> dict[str, object]:
    """What is recorded, and what became of the last uploads, for programs."""
    return {
        "service": asked.stack.service,
        "parameter": asked.stack.parameter,
        "imageTag": found.current_tag if found.namings else None,
        "imageUri": found.current.uri if found.namings else None,
        "isRolledBack": bool(found.namings) and found.is_rolled_back,
        "uploads": [detail_of(asked.stack, state) for state in last],
    }
