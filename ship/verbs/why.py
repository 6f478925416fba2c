"""`ship why`."""

from ship.options import Json, Key, Version, verb
from ship.place import Place


@verb
def why(place: Place, key: Key = None, version: Version = None, as_json: Json = False) -> None:
    """Explain why an upload has no image or doesn't run, with the output of the failed step or task.

    By default, it explains the last upload that failed.

    Example: `ship why broken.zip`
    """
    from ship.asked import asked_at
    from ship.terminal import Terminal
    from ship.uploads.explaining import explain

    explain(asked_at(place, key, version), Terminal(), as_json=as_json)
