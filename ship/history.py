"""`ship history`: what was recorded, and what there is to roll back to."""

import json

from ship.access import in_words
from ship.asked import Asked
from ship.records import Records, records
from ship.terminal import Terminal, answer, of_tag


def show(asked: Asked, terminal: Terminal, most: int, *, as_json: bool) -> None:
    """Lists the images that were recorded, the newest first, with an arrow at the one that the parameter names.

    Raises:
        Problem: AWS says no.
    """
    asked.require_stack()
    with in_words():
        found = records(asked.access, asked.stack)
    rows = [row(found, tag) for tag in reversed([*found.recorded][-most:])]
    if as_json:
        answer(json.dumps(rows))
        return
    for each in rows:
        arrow = "→" if each["isCurrent"] else " "
        notes = ["expired"] if not each["isThere"] else [f"kept by {each['keptBy']}"] if each["keptBy"] else []
        style = "bold green" if each["isCurrent"] else "" if each["isThere"] else "dim"
        terminal.out("  ".join([arrow, of_tag(str(each["imageTag"])), str(each["imageTag"]), *notes]), style)
    if found.namings and not any(each["isCurrent"] for each in rows):
        terminal.out(f"→ {found.current_tag or found.current.uri}", "bold green")
    if not found.namings:
        terminal.out("Nothing is recorded yet.")


def row(found: Records, tag: str) -> dict[str, str | bool]:
    """What is known of an image that was recorded."""
    uri = found.recorded[tag]
    return {
        "imageTag": tag,
        "imageUri": uri,
        "isCurrent": found.current.uri == uri,
        "isThere": found.has(tag),
        "keptBy": found.protection(uri.partition("@")[2]),
    }
