"""The event of events/object-created.json, and others that differ from it in some parts."""

from typing import Any

from core.uploads import Upload
from tests.support.stack import event

BUCKET: str = event("object-created")["detail"]["bucket"]["name"]


def object_created(time: object = None, **parts: object) -> dict[str, Any]:
    """The event with another time or other parts of its object; `_` in their names stands for `-`."""
    changed = event("object-created")
    if time is not None:
        changed["time"] = time
    changed["detail"]["object"] |= {name.replace("_", "-"): value for name, value in parts.items()}
    return changed


def upload(time: object = None, **parts: object) -> Upload:
    """The upload of such an event."""
    return Upload.from_event(object_created(time, **parts), BUCKET)
