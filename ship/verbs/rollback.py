"""`ship rollback`."""

from typing import Annotated

import typer

from ship.options import Json, Quiet, verb
from ship.place import Place


@verb
def rollback(
    place: Place,
    to: Annotated[
        str | None, typer.Option(help="The build tag of the image. By default the previous image's.", metavar="TAG")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Pin an older image and write it to the parameter. This holds until a newer upload is recorded.

    Prints only the image's URI to stdout.

    Example: `ship rollback`
    """
    from ship.asked import asked_at
    from ship.images.rolling_back import roll_back
    from ship.terminal import Terminal

    roll_back(asked_at(place), to, Terminal(quiet), as_json=as_json)
