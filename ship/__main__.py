"""The command `ship`."""

import sys

from ship import streams
from ship.cli import app


def main() -> None:
    """Runs `ship`."""
    streams.prepare()
    try:
        app()
    except OSError as error:  # from --help and --version; the verbs handle their own
        sys.stderr.write(f"Error: stdout can't be written: {error.strerror}.\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
