"""The verbs and their options. What they do is imported when they run, so that `--help` is there at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ship.terminal import Terminal

USAGE = 2
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
        "--stack", help="The stack's name, for who may not list all.", envvar="SHIP_STACK", rich_help_panel=THE_STACK
    ),
]
Bucket = Annotated[
    str | None,
    typer.Option(help="The source bucket, for who may only upload.", envvar="SHIP_BUCKET", rich_help_panel=THE_STACK),
]
Profile = Annotated[str | None, typer.Option(help="The AWS CLI's profile.", rich_help_panel=THE_STACK)]
Region = Annotated[str | None, typer.Option(help="The AWS region.", rich_help_panel=THE_STACK)]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but warnings and errors.")]


@contextmanager
def ending(terminal: "Terminal") -> Iterator[None]:
    """Turns a problem and Ctrl-C into what the caller sees, and an exit code."""
    from ship.problem import Problem

    try:
        yield
    except Problem as problem:
        terminal.fail(problem.what, problem.to_do)
        raise typer.Exit(USAGE) from None
    except KeyboardInterrupt:
        terminal.fail("Interrupted.", "")
        raise typer.Exit(130) from None


@app.callback()
def main() -> None:
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
    cancel: Annotated[bool, typer.Option(help="On Ctrl-C, stop the build, too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be sent, and send nothing.")] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="Send this file though it looks like a secret; as often as needed.", metavar="NAME"),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    service: Service = None,
    stack: StackName = None,
    bucket: Bucket = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Sends a folder, and follows it until its image is recorded.

    stdout gets the image's URI and nothing else. Exit codes: 0 recorded, 1 failed or rejected, 2 it couldn't be done,
    3 a newer upload was quicker, 130 interrupted.

    Example: `IMAGE=$(ship up examples/hello)`
    """
    from ship.access import Access
    from ship.stack import find
    from ship.terminal import Terminal
    from ship.uploading import Uploading

    terminal = Terminal(quiet)
    with ending(terminal):
        access = Access(profile, region)
        found = find(access, service, stack, bucket)
        uploading = Uploading(access, found, terminal, as_json)
        code = uploading.up(source, key, allow or [], dry_run=dry_run, follow=follow, cancel=cancel)
    raise typer.Exit(code)
