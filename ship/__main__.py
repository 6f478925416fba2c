"""The command `ship`."""

import io
import sys

from ship.commands import app


def main() -> None:
    """Runs it. What a terminal or a file can't hold of a name becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()


if __name__ == "__main__":
    main()
