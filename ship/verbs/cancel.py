"""`ship cancel`."""

from ship.options import Key, Version, verb
from ship.place import Place


@verb
def cancel(place: Place, key: Key = None, version: Version = None) -> None:
    """Stop a waiting or running build. By default the only one.

    Example: `ship cancel hello.zip`
    """
    from ship.asked import asked_at
    from ship.terminal import Terminal
    from ship.uploads.stopping import stop

    stop(asked_at(place, key, version), Terminal())
