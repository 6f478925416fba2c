"""The status of an upload, or the recorded image and the last uploads."""

from ship.asked import Asked
from ship.aws.records import Records, records
from ship.aws.s3 import State
from ship.outcomes import detail_of
from ship.printable import json_of
from ship.terminal import STYLES, Terminal, moment, of_tag

UPLOADS_SHOWN = 10


def of_upload(asked: Asked, key: str, terminal: Terminal, *, as_json: bool) -> None:
    """Shows the status of an upload.

    Raises:
        Problem: there is none.
    """
    state = asked.state(key)
    if as_json:
        terminal.answer(json_of(detail_of(asked.stack, state)))
        return
    terminal.answer(state.name or "no status yet", style=STYLES.get(state.name, ""))
    for line in (state.reason, state.image_tag, state.image_uri):
        if line:
            terminal.answer(line)


def of_service(asked: Asked, terminal: Terminal, *, as_json: bool) -> None:
    """Shows the recorded image and the last uploads."""
    asked.require_stack()
    found = records(asked.access, asked.stack)
    last = asked.last(UPLOADS_SHOWN)
    if as_json:
        terminal.answer(json_of(summary(asked, found, last)))
        return
    tell_recorded(asked, found, terminal)
    terminal.answer("The last uploads that were built:" if last else "Nothing has been built yet.")
    for state in last:
        terminal.answer(
            f"  {of_tag(state.image_tag)}  {state.name:10}  {state.version.key}", style=STYLES.get(state.name, "")
        )
        if state.reason:
            terminal.answer(f"      {state.reason}", style="dim")


def tell_recorded(asked: Asked, found: Records, terminal: Terminal) -> None:
    """Shows the image that the parameter names."""
    parameter = asked.stack.parameter
    if not found.namings:
        terminal.answer(f"{parameter}: nothing is recorded yet.")
        return
    current = found.current
    terminal.answer(f"{parameter} names {found.current_tag or 'an image without a build tag'}", style="bold")
    terminal.answer(f"  {current.uri}")
    how = "recorded" if current.build_tag else f"by {current.by}: {current.description or 'no description'}"
    terminal.answer(f"  since {moment(current.since)}, {how}")
    if found.is_rolled_back:
        forward = asked.stack.command("forward")
        terminal.answer(f"  Rolled back. The newest recorded image is {found.newest}: {forward}", style="yellow")


def summary(asked: Asked, found: Records, last: list[State]) -> dict[str, object]:
    """The recorded image and the last uploads, as the JSON has them."""
    return {
        "service": asked.stack.service,
        "parameter": asked.stack.parameter,
        "imageTag": found.current_tag if found.namings else None,
        "imageUri": found.current.uri if found.namings else None,
        "isRolledBack": bool(found.namings) and found.is_rolled_back,
        "uploads": [detail_of(asked.stack, state) for state in last],
    }
