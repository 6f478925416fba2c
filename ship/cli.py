"""The verbs and their options. A verb imports its code when it runs, so that `--help` is quick."""

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
    help="Uploads a folder, follows its build, and reports the result.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)

THE_STACK = "The stack"
Service = Annotated[
    str | None,
    typer.Option(help="The service, if there are several.", envvar="SHIP_SERVICE", rich_help_panel=THE_STACK),
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
Profile = Annotated[str | None, typer.Option(help="The AWS CLI profile.", rich_help_panel=THE_STACK)]
Region = Annotated[str | None, typer.Option(help="The AWS region.", rich_help_panel=THE_STACK)]
Key = Annotated[str | None, typer.Argument(help="The object's key.", metavar="[KEY]")]
Version = Annotated[str | None, typer.Option(help="The version of the key's upload. By default the newest.")]
Timeout = Annotated[
    float,
    typer.Option(min=0, help="Stop following after this many minutes. An upload waits up to 300 for its build."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only warnings and errors.")]


@contextmanager
def ending(terminal: "Terminal") -> Iterator[None]:
    """Turns problems and Ctrl-C into a message and an exit code."""
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
        raise  # the reader is gone: Typer exits quietly
    except OSError as error:
        terminal.fail(f"This machine reports: {error}")
        raise typer.Exit(UNDONE) from None


def asked_for(place: Place, key: str | None = None, version: str | None = None) -> "Asked":
    """The upload that the caller asks about, in the stack that was found.

    Raises:
        Problem: there is no such stack, or no access to AWS.
    """
    from ship.asked import Asked
    from ship.aws.access import Access
    from ship.aws.cloudformation import find

    access = Access(place.profile, place.region)
    access.require()
    stack = find(access, place.service, place.stack, place.bucket)
    return Asked(access, replace(stack, place=place), key, version)


def show_version(wanted: bool) -> None:
    """Prints the version and exits."""
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
    """Uploads a folder, follows its build, and reports the result.

    Uploading with the AWS CLI does the same, with less comfort.
    """


@app.command()
def up(
    source: Annotated[
        Path, typer.Argument(help="The folder with the Dockerfile, or a zip.", metavar="[DIR|ZIP]")
    ] = Path(),
    key: Annotated[str | None, typer.Option(help="The object's key. By default the folder's name with .zip.")] = None,
    follow: Annotated[bool, typer.Option(help="Follow the upload until its image is recorded.")] = True,
    timeout: Timeout = 300,
    cancel: Annotated[bool, typer.Option("--cancel", help="On Ctrl-C, also stop the build.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be sent without sending it.")] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="Send this file although it looks like a secret. Can be repeated.", metavar="NAME"),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    service: Service = None,
    stack: StackName = None,
    bucket: Bucket = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Upload a folder, and follow it until its image is recorded.

    Prints only the image's URI to stdout. Exit codes: 0 recorded, 1 failed or rejected, 2 it couldn't be done,
    3 superseded by a newer upload, 4 built but not recorded in time, 124 the timeout has passed, 130 interrupted.

    Example: `IMAGE=$(ship up examples/hello)`
    """
    from ship.terminal import Terminal
    from ship.verbs.up import Uploading

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
    """Show the recorded image and the last uploads, or the status of one upload.

    Example: `ship status hello.zip`
    """
    from ship.terminal import Terminal
    from ship.verbs.status import of_service, of_upload

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
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Continue until the upload has its result.")] = False,
    timeout: Timeout = 300,
    service: Service = None,
    stack: StackName = None,
    bucket: Bucket = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Print a build's log; with --follow, while the build runs.

    With --follow, the exit codes are those of `ship up`.

    Example: `ship logs hello.zip --follow`
    """
    from ship.terminal import Terminal
    from ship.verbs import logs as printing

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
    """Explain why an upload has no image, with the failed step's output. By default the last upload that failed.

    Example: `ship why broken.zip`
    """
    from ship.terminal import Terminal
    from ship.verbs.why import explain

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
    """Stop a waiting or running build. By default the only one.

    Example: `ship cancel hello.zip`
    """
    from ship.terminal import Terminal
    from ship.verbs import cancel as cancelling

    terminal = Terminal()
    with ending(terminal):
        cancelling.cancel(asked_for(Place(profile, region, service, stack), key, version), terminal)


@app.command()
def history(
    most: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many to list, the newest first.")] = 20,
    as_json: Json = False,
    service: Service = None,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """List the recorded images that you can roll back to.

    Example: `ship history --limit 5`
    """
    from ship.terminal import Terminal
    from ship.verbs import history as recorded

    terminal = Terminal()
    with ending(terminal):
        recorded.show(asked_for(Place(profile, region, service, stack)), terminal, most, as_json=as_json)


@app.command()
def rollback(
    to: Annotated[
        str | None, typer.Option(help="The build tag of the image. By default the previous image's.", metavar="TAG")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    service: Service = None,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Pin an older image and write it to the parameter. This holds until a newer upload is recorded.

    Prints only the image's URI to stdout.

    Example: `ship rollback`
    """
    from ship.terminal import Terminal
    from ship.verbs.rollback import roll_back

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
    """End a rollback: write the newest recorded image to the parameter again.

    Prints only the image's URI to stdout.

    Example: `ship forward`
    """
    from ship.terminal import Terminal
    from ship.verbs.rollback import go_forward

    terminal = Terminal(quiet)
    with ending(terminal):
        go_forward(asked_for(Place(profile, region, service, stack)), terminal, as_json=as_json)


@app.command()
def promote(
    to_service: Annotated[str | None, typer.Option(help="The other stage's service, if it has several.")] = None,
    to_stack: Annotated[
        str | None, typer.Option(help="The other stage's stack, if you may not list its stacks.")
    ] = None,
    to_profile: Annotated[str | None, typer.Option(help="The AWS CLI profile for the other stage.")] = None,
    to_region: Annotated[str | None, typer.Option(help="The other stage's region.")] = None,
    quiet: Quiet = False,
    service: Service = None,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Copy the recorded image to another stage, by its digest, and wait until it is recorded there.

    Prints only the image's URI there to stdout. Needs skopeo.

    Example: `ship promote --profile staging --to-profile prod`
    """
    from ship.terminal import Terminal
    from ship.verbs.promote import Promotion

    terminal, code = Terminal(quiet), 0
    with ending(terminal):
        here = asked_for(Place(profile, region, service, stack))
        same = None if to_profile else region  # another profile has its own region
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
    """Check everything that an upload needs, and say what to do. Exits with 1 if there is a problem.

    Example: `ship doctor`
    """
    from ship.terminal import Terminal
    from ship.verbs.doctor import examine

    terminal, code = Terminal(), 0
    with ending(terminal):
        code = examine(asked_for(Place(profile, region, service, stack)), terminal, as_json=as_json)
    raise typer.Exit(code)
