"""`ship promote`."""

from typing import Annotated

import typer

from ship.options import Quiet, verb
from ship.place import Place


@verb
def promote(
    place: Place,
    to_service: Annotated[str | None, typer.Option(help="The other stage's service, if it has several.")] = None,
    to_stack: Annotated[
        str | None, typer.Option(help="The other stage's stack, if you may not list its stacks.")
    ] = None,
    to_profile: Annotated[str | None, typer.Option(help="The AWS CLI profile for the other stage.")] = None,
    to_region: Annotated[str | None, typer.Option(help="The other stage's region.")] = None,
    quiet: Quiet = False,
) -> int:
    """Copy the recorded image to another stage, by its digest, and wait until it is recorded there.

    Prints only the image's URI there to stdout. Needs skopeo.

    Example: `ship promote --profile staging --to-profile prod`
    """
    from ship.asked import asked_at
    from ship.images.promotion import Promotion
    from ship.terminal import Terminal

    same = None if to_profile else place.region  # another profile has its own region
    other = Place(to_profile or place.profile, to_region or same, to_service, to_stack)
    return Promotion(asked_at(place), asked_at(other), Terminal(quiet)).promote()
