"""`ship doctor`."""

from ship.options import Json, verb
from ship.place import Place


@verb
def doctor(place: Place, as_json: Json = False) -> int:
    """Check everything that an upload needs, and say what to do. Exits with 1 if there is a problem.

    Example: `ship doctor`
    """
    from ship.asked import asked_at
    from ship.doctor import examine
    from ship.terminal import Terminal

    return examine(asked_at(place), Terminal(), as_json=as_json)
