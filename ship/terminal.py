"""Output: the answer on stdout, everything else on stderr, with colors and progress bars only on a terminal.

All text passes through `ship.printable`.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from core.build_log import Ending
from core.build_tags import time_of
from ship.aws.s3 import State
from ship.printable import safe, safe_lines
from ship.streams import Stream
from ship.uploads.happenings import Ended, Happening, Line, Note, Phase, Stage, Still

PHASES = {
    "SUBMITTED": "submitted",
    "QUEUED": "queued",
    "PROVISIONING": "got a build machine",
    "INSTALL": "got the builder",
    "PRE_BUILD": "fetched the source",
    "BUILD": "built",
    "POST_BUILD": "pushed the image",
}
FAILED_PHASES = {
    "INSTALL": "getting the builder",
    "PRE_BUILD": "fetching the source",
    "POST_BUILD": "pushing the image",
}


@dataclass(frozen=True)
class Level:
    """How serious something is: its label and the label's style."""

    label: str
    style: str


WARNING, ERROR = Level("Warning", "yellow"), Level("Error", "red")
STYLES = {
    **dict.fromkeys(("recorded", "running"), "green"),
    **dict.fromkeys(("superseded", "waiting", "replaced", "rolled-back"), "yellow"),
    **dict.fromkeys(("failed", "rejected", "not-healthy"), "red"),
}


def of_tag(build_tag: str) -> str:
    """The time of a build tag's upload in local time. Spaces if there is no tag."""
    return moment(time_of(build_tag)) if build_tag else " " * 19


def moment(when: datetime) -> str:
    """A time in the local time zone."""
    return f"{when.astimezone():%Y-%m-%d %H:%M:%S}"


def plain(text: str, style: str = "") -> Text:
    """The text, without interpreting markup."""
    return Text(safe_lines(text), style)


def console_of(*, stderr: bool) -> Console:
    """A console for stdout or stderr, without colors and styles if NO_COLOR is set: https://no-color.org."""
    return Console(
        stderr=stderr,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        highlight=False,
        soft_wrap=True,
    )


@dataclass
class Terminal:
    """The caller's terminal, pipe or file. If `quiet`, it shows only warnings and errors."""

    quiet: bool = False
    console: Console = field(default_factory=lambda: console_of(stderr=True))
    output: Console = field(default_factory=lambda: console_of(stderr=False))
    began: float = field(default_factory=time.monotonic)

    def answer(self, *lines: str, style: str = "") -> None:
        """Prints what the user asked for to stdout. Scripts read it."""
        text = "".join(f"{safe_lines(line)}\n" for line in lines)
        if style:
            self.output.print(Text(text, style), end="")
        else:
            sys.stdout.write(text)
            sys.stdout.flush()

    def stream(self, line: str) -> None:
        """Prints a line of a log that is followed to stdout.

        Raises:
            BrokenPipeError: nobody reads it any more.
        """
        self.answer(line)
        if isinstance(sys.stdout, Stream) and sys.stdout.reader_is_gone:
            raise BrokenPipeError

    def note(self, text: str, style: str = "", *, timed: bool = False, even_if_quiet: bool = False) -> None:
        """Prints progress to stderr. If `timed`, with the seconds since the command started."""
        if even_if_quiet or not self.quiet:
            seconds = f"{time.monotonic() - self.began:6.1f} s  " if timed else ""
            self.console.print(plain(f"{seconds}{text}", style))

    def report(self, level: Level, what: str, to_do: str = "") -> None:
        """Prints a warning or an error to stderr, and what to do."""
        self.console.print(Text(f"{level.label}: ", level.style).append_text(plain(what)))
        if to_do:
            self.console.print(plain(to_do))

    @contextmanager
    def sending(self, name: str, size: int) -> Iterator[Callable[[int], None]]:
        """Shows a progress bar while the block sends a file. Yields a function that adds bytes."""
        columns = (TextColumn("  {task.description}", markup=False), BarColumn(), DownloadColumn(binary_units=True))
        with self.moving(*columns) as bar:
            task = bar.add_task(f"Sending {safe(name)}", total=size)
            yield lambda sent: bar.advance(task, sent)

    @contextmanager
    def waiting(self, *, moves: bool = True) -> Iterator[Callable[[str], None]]:
        """Shows what the caller waits for, and for how long. Yields a function that changes the text."""
        moves = moves and not self.has_no_bars
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        with self.moving(*columns, shown=moves) as shown:
            task = shown.add_task("", total=None)

            def change(what: str) -> None:
                shown.reset(task, description=safe(what))
                if not moves:
                    self.note(what, timed=True)

            yield change

    def moving(self, *columns: ProgressColumn, shown: bool = True) -> Progress:
        """A live display on a terminal's stderr: stdout is for the answer."""
        return Progress(
            *columns,
            console=self.console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            disable=not shown or self.has_no_bars,
        )

    @property
    def has_no_bars(self) -> bool:
        """Whether live displays are off: quiet, or not a terminal."""
        return self.quiet or not self.console.is_terminal

    def watch(self, happenings: Iterator[Happening], print_line: Callable[[str], None] | None = None) -> State:
        """Shows what happens to an upload and returns its final status. `print_line` takes the build's output."""
        with self.waiting(moves=print_line is None) as change:
            for happening in happenings:
                match happening:
                    case Stage(text):
                        change(text)
                    case Still(text):
                        if self.has_no_bars:
                            self.note(f"still {text}", timed=True)
                    case Phase(name, succeeded, seconds):
                        self.phase(name, succeeded, seconds)
                    case Line(text):
                        (print_line or self.line)(text)
                    case Note(text):
                        self.report(WARNING, text)
                    case Ended(state):
                        return state
        raise AssertionError("The happenings must end with a status.")

    def warn_of_ending(self, ending: Ending) -> None:
        """Warns that the program of a recorded image ended during its trial."""
        self.report(WARNING, f"The image's program ended when the build tried it. {ending.sentence}")
        for line in ending.output:
            self.note(f"  {line}", even_if_quiet=True)

    def line(self, text: str) -> None:
        """Shows a line that the build printed."""
        self.note(f"          {safe(text)}", "dim")

    def phase(self, name: str, succeeded: bool, seconds: int | None) -> None:
        """Shows a phase that has ended."""
        plainly = name.lower().replace("_", " ")
        done = PHASES.get(name, plainly) if succeeded else f"{FAILED_PHASES.get(name, plainly)}: failed"
        took = "" if seconds is None else f" {'in' if succeeded else 'after'} {seconds} s"
        self.note(f"{done}{took}", "bold", timed=True)
