"""`ship history`."""

from typing import Annotated

import typer

from ship.options import Json, verb
from ship.place import Place


@verb
def history(
    place: Place,
    most: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many to list, the newest first.")] = 20,
    as_json: Json = False,
) -> None:
    """List the recorded images that you can roll back to.

    Example: `ship history --limit 5`
    """
    from ship.asked import asked_at
    from ship.images import listing
    from ship.terminal import Terminal

    listing.show(asked_at(place), Terminal(), most, as_json=as_json)
