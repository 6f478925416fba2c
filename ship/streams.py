"""stdout and stderr as daemons, cron jobs and pipes leave them: closed, full, or without a reader."""

import io
import os
import sys


class Stream(io.TextIOWrapper):
    """A stream whose reader may go: what is written then goes nowhere, so that a command ends with its own exit code.

    What a file can't hold of a name becomes a question mark.
    """

    def __init__(self, stream: io.TextIOWrapper, *, matters: bool) -> None:
        """The stream; where it `matters`, a full disk is an error."""
        super().__init__(
            stream.buffer, encoding=stream.encoding, errors="replace", line_buffering=stream.line_buffering
        )
        self.matters, self.reader_is_gone = matters, False

    def write(self, text: str) -> int:
        """Writes a text.

        Raises:
            OSError: it can't be written, though somebody may read it.
        """
        try:
            return super().write(text)
        except OSError as error:
            self.give_up(error)
        return len(text)

    def flush(self) -> None:
        """Writes what is held back.

        Raises:
            OSError: it can't be written, though somebody may read it.
        """
        try:
            super().flush()
        except OSError as error:
            self.give_up(error)

    def give_up(self, error: OSError) -> None:
        """Sends what is held back, and all that comes, nowhere."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        self.reader_is_gone = isinstance(error, BrokenPipeError)
        if self.matters and not self.reader_is_gone:
            raise error


def prepare() -> None:
    """Makes the process's streams such; one that is closed writes nowhere."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        elif isinstance(stream, io.TextIOWrapper):
            setattr(sys, name, Stream(stream, matters=name == "stdout"))
