"""stdout and stderr that may be closed, full, or without a reader, as under daemons, cron and pipes."""

import io
import os
import sys


class Stream(io.TextIOWrapper):
    """A stream whose reader may go away. Output is then discarded, so that a command keeps its own exit code.

    Characters that the stream can't encode become question marks.
    """

    def __init__(self, stream: io.TextIOWrapper, *, matters: bool) -> None:
        """Wraps a stream. If it `matters`, a full disk is an error."""
        super().__init__(
            stream.buffer, encoding=stream.encoding, errors="replace", line_buffering=stream.line_buffering
        )
        self.matters, self.reader_is_gone = matters, False

    def write(self, text: str) -> int:
        """Writes a text.

        Raises:
            OSError: writing failed, for another reason than a missing reader.
        """
        try:
            return super().write(text)
        except OSError as error:
            self.give_up(error)
        return len(text)

    def flush(self) -> None:
        """Writes what is buffered.

        Raises:
            OSError: writing failed, for another reason than a missing reader.
        """
        try:
            super().flush()
        except OSError as error:
            self.give_up(error)

    def give_up(self, error: OSError) -> None:
        """Discards what is buffered and all further output."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        self.reader_is_gone = isinstance(error, BrokenPipeError)
        if self.matters and not self.reader_is_gone:
            raise error


def prepare() -> None:
    """Wraps the process's stdout and stderr. Output to a closed one is discarded."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        elif isinstance(stream, io.TextIOWrapper):
            setattr(sys, name, Stream(stream, matters=name == "stdout"))
