"""What `ship` reports as an error."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

UNDONE = 2


class Problem(Exception):  # noqa: N818  # a problem of the caller, not a bug
    """What went wrong, what the caller can do, and the exit code."""

    def __init__(self, what: str, to_do: str = "", code: int = UNDONE) -> None:
        super().__init__(what)
        self.what, self.to_do, self.code = what, to_do, code


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
