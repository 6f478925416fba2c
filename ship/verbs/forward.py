"""`ship forward`."""

from ship.options import Json, Quiet, verb
from ship.place import Place


@verb
def forward(place: Place, as_json: Json = False, quiet: Quiet = False) -> None:
    """End a rollback: write the newest recorded image to the parameter again.

    Prints only the image's URI to stdout.

    Example: `ship forward`
    """
    from ship.asked import asked_at
    from ship.images.rolling_back import go_forward
    from ship.terminal import Terminal

    go_forward(asked_at(place), Terminal(quiet), as_json=as_json)
