"""The command line: the list of the verbs."""

from typing import Annotated

import typer

from ship.verbs import cancel, doctor, forward, history, logs, promote, rollback, status, up, why

app = typer.Typer(
    name="ship",
    help="Uploads a folder, follows its build, and reports the result.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


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

    The AWS CLI can do all of this, too, in more steps.
    """


for each in (
    up.up,
    status.status,
    logs.logs,
    why.why,
    cancel.cancel,
    history.history,
    rollback.rollback,
    forward.forward,
    promote.promote,
    doctor.doctor,
):
    app.command()(each)
