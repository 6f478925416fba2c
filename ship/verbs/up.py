"""`ship up`."""

from pathlib import Path
from typing import Annotated

import typer

from ship.options import Json, Quiet, Timeout, UntilOption, verb
from ship.place import Place
from ship.until import Until


@verb
def up(
    place: Place,
    source: Annotated[
        Path, typer.Argument(help="The folder with the Dockerfile, or a zip.", metavar="[DIR|ZIP]")
    ] = Path(),
    key: Annotated[str | None, typer.Option(help="The object's key. By default the folder's name with .zip.")] = None,
    follow: Annotated[bool, typer.Option(help="Follow the upload to its result.")] = True,
    until: UntilOption = Until.RECORDED,
    timeout: Timeout = 300,
    cancel: Annotated[bool, typer.Option("--cancel", help="On Ctrl-C, also stop the build.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be sent without sending it.")] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="Send this file although it looks like a secret. Can be repeated.", metavar="NAME"),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Upload a folder, and follow it until its image is recorded, or until ECS runs the image.

    Prints only the image's URI to stdout. Exit codes: 0 recorded, 1 failed or rejected, 2 it couldn't be done,
    3 superseded by a newer upload, 4 built but not recorded in time, 124 the timeout has passed, 130 interrupted.
    With --until running: 0 running, 5 not healthy, 6 replaced or rolled back.

    Example: `IMAGE=$(ship up examples/hello)`
    """
    from ship.asked import asked_at
    from ship.problem import Problem
    from ship.terminal import Terminal
    from ship.uploads.uploading import Uploading

    if until == Until.RUNNING and not follow:
        raise Problem("--until is for following the upload, which --no-follow leaves out.", "Use one of them.")
    uploading = Uploading(asked_at(place), Terminal(quiet), as_json, cancel, timeout=timeout * 60, until=until)
    return uploading.up(source, key, allow or [], dry_run=dry_run, follow=follow)
