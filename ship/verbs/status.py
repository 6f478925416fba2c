"""`ship status`."""

from ship.options import Json, Key, Version, verb
from ship.place import Place


@verb
def status(place: Place, key: Key = None, version: Version = None, as_json: Json = False) -> None:
    """Show the recorded image, what the ECS service runs, and the last uploads, or the status of one upload.

    Example: `ship status hello.zip`
    """
    from ship.asked import asked_at
    from ship.terminal import Terminal
    from ship.uploads import overview

    asked = asked_at(place, key, version)
    if key:
        overview.of_upload(asked, key, Terminal(), as_json=as_json)
    else:
        overview.of_service(asked, Terminal(), as_json=as_json)
