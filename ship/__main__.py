"""The command `ship`."""

from ship.commands import app


def main() -> None:
    """Runs it."""
    app()


if __name__ == "__main__":
    main()
