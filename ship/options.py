"""The options that name a verb's stack, and the exit code for whatever stops a verb."""

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Concatenate

import typer

from ship.place import WITH_BUCKET, Place
from ship.problem import UNDONE, Problem
from ship.until import Until

THE_STACK = "The stack"
IN_NATIVE_CODE = "AWS_ERROR_CRT_CALLBACK_EXCEPTION"
"""The name of the error that Ctrl-C becomes while boto3's native code signs a request."""
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
OF_PLACE = {"service": Service, "stack": StackName, "bucket": Bucket, "profile": Profile, "region": Region}
"""The options that make a `Place`, in the order of the help."""

Key = Annotated[str | None, typer.Argument(help="The object's key.", metavar="[KEY]")]
Version = Annotated[str | None, typer.Option(help="The version of the key's upload. By default the newest.")]
Timeout = Annotated[
    float,
    typer.Option(min=0, help="Stop following after this many minutes. An upload can wait 300 minutes for its build."),
]
UntilOption = Annotated[
    Until,
    typer.Option(help="Follow the upload until its image is recorded, or on until ECS runs the image."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only warnings and errors.")]


def verb(does: Callable[Concatenate[Place, ...], int | None]) -> Callable[..., None]:
    """A verb for Typer. It has the options of the function, and those that make the function's `Place`.

    The function returns the exit code; None means 0. It imports what it needs when it runs, so that help is quick.
    """
    _, *own = inspect.signature(does).parameters.values()
    of_place = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=option)
        for name, option in OF_PLACE.items()
        if name != "bucket" or does.__name__ in WITH_BUCKET
    ]

    @functools.wraps(does)
    def run(**given: Any) -> None:
        place = Place(**{each.name: given.pop(each.name) for each in of_place})
        with reported():
            code = does(place, **given)
        raise typer.Exit(code or 0)

    # Typer reads both.
    run.__signature__ = inspect.Signature([*own, *of_place])  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in (*own, *of_place)}
    return run


@contextmanager
def reported() -> Iterator[None]:
    """Turns problems, AWS's errors, Ctrl-C and the machine's errors into a message and an exit code."""
    from ship.aws.errors import in_words
    from ship.outcomes import INTERRUPTED
    from ship.terminal import ERROR, Terminal

    terminal = Terminal()
    try:
        with in_words():
            yield
    except Problem as problem:
        terminal.report(ERROR, problem.what, problem.to_do)
        raise typer.Exit(problem.code) from None
    except KeyboardInterrupt:
        terminal.report(ERROR, "Interrupted.")
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        raise  # the reader is gone: Typer exits quietly
    except OSError as error:
        terminal.report(ERROR, f"This machine reports: {error}")
        raise typer.Exit(UNDONE) from None
    except Exception as error:
        if getattr(error, "name", "") != IN_NATIVE_CODE:
            raise
        terminal.report(ERROR, "Interrupted.")
        raise typer.Exit(INTERRUPTED) from None
