"""Lists the recorded images."""

from collections.abc import Collection
from itertools import islice

from botocore.exceptions import ClientError

from core.build_tags import time_of
from ship.asked import Asked
from ship.aws.errors import is_refusal
from ship.aws.records import Records, records
from ship.images.given_up import given_up
from ship.printable import json_of
from ship.terminal import Terminal, of_tag

LOOKED_AT = 200  # builds to look up keys in


def show(asked: Asked, terminal: Terminal, most: int, *, as_json: bool) -> None:
    """Lists the recorded images, the newest first. An arrow marks the one that the parameter names."""
    asked.require_stack()
    found = records(asked.access, asked.stack)
    keys = uploaded(asked)
    digests = given_up(asked, terminal)
    rows = [row(found, tag, keys.get(tag, ""), digests) for tag in reversed([*found.recorded][-most:])]
    if as_json:
        terminal.answer(json_of(rows))
        return
    for each in rows:
        arrow = "→" if each["isCurrent"] else " "
        notes = ["expired"] if not each["isThere"] else [f"kept by {each['keptBy']}"] if each["keptBy"] else []
        notes += ["given up by ECS"] if each["isGivenUp"] else []
        style = "bold green" if each["isCurrent"] else "" if each["isThere"] else "dim"
        terminal.answer("  ".join([arrow, of_tag(str(each["imageTag"])), str(each["imageTag"]), *notes]), style=style)
        if each["key"]:
            terminal.answer(f"     {each['key']}", style="dim")
    if found.namings and not any(each["isCurrent"] for each in rows):
        terminal.answer(f"→ {found.current_tag or found.current.uri}", style="bold green")
    if not found.namings:
        terminal.answer("Nothing is recorded yet.")


def uploaded(asked: Asked) -> dict[str, str]:
    """The key of each build tag's upload, for the last builds. Empty if the caller can't see builds."""
    try:
        return {build.image_tag: build.version.key for build, _ in islice(asked.builds(), LOOKED_AT)}
    except ClientError as error:
        if not is_refusal(error):
            raise
        return {}


def row(found: Records, tag: str, key: str, digests: Collection[str] | None) -> dict[str, str | bool | None]:
    """The facts about a recorded image, as the JSON has them."""
    uri = found.recorded[tag]
    digest = uri.partition("@")[2]
    return {
        "key": key or None,
        "uploaded": time_of(tag).isoformat(),
        "imageTag": tag,
        "imageUri": uri,
        "isCurrent": tag == found.current_tag,
        "isThere": found.has(tag),
        "keptBy": found.protection(digest),
        "isGivenUp": None if digests is None else digest in digests,
    }
