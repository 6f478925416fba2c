"""The verbs and their options. What they do is imported when they run, so that `--help` is there at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ship.place import Place

if TYPE_CHECKING:
    from ship.asked import Asked
    from ship.terminal import Terminal

app = typer.Typer(
    name="ship",
    help="Sends a folder, follows its build, and says what became of it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)

THE_STACK = "The stack"
Service = Annotated[
    str | None,
    typer.Option(help="The service, where there are several.", envvar="SHIP_SERVICE", rich_help_panel=THE_STACK),
]
StackName = Annotated[
    str | None,
    typer.Option(
        "--stack",
        help="The stack's name, if you may not list all stacks.",
        envvar="SHIP_STACK",
        rich_help_panel=THE_STACK,
    ),
]
Bucket = Annotated[
    str | None,
    typer.Option(help="The source bucket, if you may only upload.", envvar="SHIP_BUCKET", rich_help_panel=THE_STACK),
]
Profile = Annotated[str | None, typer.Option(help="The AWS CLI's profile.", rich_help_panel=THE_STACK)]
Region = Annotated[str | None, typer.Option(help="The AWS region.", rich_help_panel=THE_STACK)]
Key = Annotated[str | None, typer.Argument(help="The object's key.", metavar="[KEY]")]
Version = Annotated[
    str | None, typer.Option(help="Of the key's uploads, the one of this version. By default the newest.")
]
Timeout = Annotated[
    float,
    typer.Option(min=0, help="Stop following after this many minutes. An upload waits for its build for 300."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but warnings and errors.")]


@contextmanager
def ending(terminal: "Terminal") -> Iterator[None]:
    """Turns what keeps a verb from being done, and Ctrl-C, into what the caller sees, and an exit code."""
    from ship.outcomes import INTERRUPTED
    from ship.problem import UNDONE, Problem

    try:
        yield
    except Problem as problem:
        terminal.fail(problem.what, problem.to_do)
        raise typer.Exit(problem.code) from None
    except KeyboardInterrupt:
        terminal.fail("Interrupted.")
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        raise  # whoever read has gone: Typer ends quietly
    except OSError as error:
        terminal.fail(f"This machine says: {error}")
        raise typer.Exit(UNDONE) from None


def asked_for(place: Place, key: str | None = None, version: str | None = None) -> "Asked":
    """What is asked about, in the stack that is found.

    Raises:
        Problem: there is none, or no access to AWS.
    """
    from ship.access import Access
    from ship.asked import Asked
    from ship.stack import find

    access = Access(place.profile, place.region)
    access.require()
    stack = find(access, place.service, place.stack, place.bucket)
    return Asked(access, replace(stack, place=place), key, version)


def show_version(wanted: bool) -> None:
    """Prints the version, and ends."""
    if wanted:
        from importlib.metadata import version as version_of

        typer.echo(version_of("source-to-ecr"))
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version, and exit.", callback=show_version, is_eager=True)
    ] = False,
) -> None:
    """Sends a folder, follows its build, and says what became of it.

    Uploading with the AWS CLI does the same; this is the comfortable way.
    """


@app.command()
def up(
    source: Annotated[
        Path, typer.Argument(help="The folder with the Dockerfile, or a zip.", metavar="[DIR|ZIP]")
    ] = Path(),
    key: Annotated[str | None, typer.Option(help="The object's key. By default the folder's name and .zip.")] = None,
    follow: Annotated[bool, typer.Option(help="Follow the upload to its image.")] = True,
    timeout: Timeout = 300,
    cancel: Annotated[bool, typer.Option("--cancel", help="On Ctrl-C, stop the build, too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be sent, and send nothing.")] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="Send this file though it looks like a secret. May be repeated.", metavar="NAME"),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    service: Service = None,
    stack: StackName = None,
    bucket: Bucket = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Send a folder, and follow it until its image is recorded.

    stdout gets the image's URI and nothing else. Exit codes: 0 recorded, 1 failed or rejected, 2 it couldn't be done,
    3 a newer upload was quicker, 4 the build has ended and isn't recorded, 124 the timeout has passed, 130 interrupted.

    Example: `IMAGE=$(ship up examples/hello)`
    """
    from ship.terminal import Terminal
    from ship.uploading import Uploading

    terminal = Terminal(quiet)
    with ending(terminal):
        asked = asked_for(Place(profile, region, service, stack, bucket))
        uploading = Uploading(asked, terminal, as_json, cancel, timeout=timeout * 60)
        code = uploading.up(source, key, allow or [], dry_run=dry_run, follow=follow)
    raise typer.Exit(code)


@app.command()
def status(
    key: Key = None,
    version: Version = None,
    as_json: Json = False,
    service: Service = None,
    stack: StackName = None,
    bucket: Bucket = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Say what is recorded and what became of the last uploads, or what became of one.

    Example: `ship status hello.zip`
    """
    from ship.status import of_service, of_upload
    from ship.terminal import Terminal

    terminal = Terminal()
    with ending(terminal):
        asked = asked_for(Place(profile, region, service, stack, bucket), key, version)
        if key:
            of_upload(asked, key, terminal, as_json=as_json)
        else:
            of_service(asked, terminal, as_json=as_json)


@app.command()
def logs(
    key: Key = None,
    version: Version = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the upload's end.")] = False,
    timeout: Timeout = 300,
    service: Service = None,
    stack: StackName = None,
    bucket: Bucket = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Print what a build printed; with --follow, as it prints it.

    With --follow the exit codes are those of `ship up`.

    Example: `ship logs hello.zip --follow`
    """
    from ship import logs as printing
    from ship.terminal import Terminal

    terminal, code = Terminal(), 0
    with ending(terminal):
        asked = asked_for(Place(profile, region, service, stack, bucket), key, version)
        if follow:
            code = printing.follow(asked, terminal, timeout * 60)
        else:
            printing.show(asked, terminal)
    raise typer.Exit(code)


@app.command()
def why(
    key: Key = None,
    version: Version = None,
    as_json: Json = False,
    service: Service = None,
    stack: StackName = None,
    bucket: Bucket = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Say why there is no image, in the words of the step that failed. By default: of the last that failed.

    Example: `ship why broken.zip`
    """
    from ship.terminal import Terminal
    from ship.why import explain

    terminal = Terminal()
    with ending(terminal):
        explain(asked_for(Place(profile, region, service, stack, bucket), key, version), terminal, as_json=as_json)


@app.command()
def cancel(
    key: Key = None,
    version: Version = None,
    service: Service = None,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Stop a build that waits or runs. By default: the only one there is.

    Example: `ship cancel hello.zip`
    """
    from ship import cancelling
    from ship.terminal import Terminal

    terminal = Terminal()
    with ending(terminal):
        cancelling.cancel(asked_for(Place(profile, region, service, stack), key, version), terminal)


@app.command()
def history(
    most: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, the newest first.")] = 20,
    as_json: Json = False,
    service: Service = None,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """List the images that were recorded: what there is to roll back to.

    Example: `ship history --limit 5`
    """
    from ship import history as recorded
    from ship.terminal import Terminal

    terminal = Terminal()
    with ending(terminal):
        recorded.show(asked_for(Place(profile, region, service, stack)), terminal, most, as_json=as_json)


@app.command()
def rollback(
    to: Annotated[
        str | None, typer.Option(help="The build tag of the image. By default the one before.", metavar="TAG")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    service: Service = None,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Have the parameter name an older image, which is pinned first. It holds until a newer upload is recorded.

    stdout gets the image's URI and nothing else.

    Example: `ship rollback`
    """
    from ship.rollback import roll_back
    from ship.terminal import Terminal

    terminal = Terminal(quiet)
    with ending(terminal):
        roll_back(asked_for(Place(profile, region, service, stack)), to, terminal, as_json=as_json)


@app.command()
def forward(
    as_json: Json = False,
    quiet: Quiet = False,
    service: Service = None,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """End a rollback: have the parameter name the newest recorded image again.

    stdout gets the image's URI and nothing else.

    Example: `ship forward`
    """
    from ship.rollback import go_forward
    from ship.terminal import Terminal

    terminal = Terminal(quiet)
    with ending(terminal):
        go_forward(asked_for(Place(profile, region, service, stack)), terminal, as_json=as_json)


@app.command()
def promote(
    to_service: Annotated[str | None, typer.Option(help="The other stage's service, where it has several.")] = None,
    to_stack: Annotated[
        str | None, typer.Option(help="The other stage's stack, if you may not list all there.")
    ] = None,
    to_profile: Annotated[str | None, typer.Option(help="The AWS CLI's profile for the other stage.")] = None,
    to_region: Annotated[str | None, typer.Option(help="The other stage's region.")] = None,
    quiet: Quiet = False,
    service: Service = None,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Copy what the parameter names to another stage, by its digest, and wait until it is recorded there.

    stdout gets the image's URI there and nothing else. It takes skopeo.

    Example: `ship promote --profile staging --to-profile prod`
    """
    from ship.promoting import Promotion
    from ship.terminal import Terminal

    terminal, code = Terminal(quiet), 0
    with ending(terminal):
        here = asked_for(Place(profile, region, service, stack))
        same = None if to_profile else region  # another profile has a region of its own
        there = asked_for(Place(to_profile or profile, to_region or same, to_service, to_stack))
        code = Promotion(here, there, terminal).promote()
    raise typer.Exit(code)


@app.command()
def doctor(
    as_json: Json = False,
    service: Service = None,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Look at all that an upload needs, and say of each finding what to do. Ends with 1 if there is a problem.

    Example: `ship doctor`
    """
    from ship.doctor import examine
    from ship.terminal import Terminal

    terminal, code = Terminal(), 0
    with ending(terminal):
        code = examine(asked_for(Place(profile, region, service, stack)), terminal, as_json=as_json)
    raise typer.Exit(code)
