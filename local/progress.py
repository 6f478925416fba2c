"""Shows which step is running and how long it takes."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class UserError(Exception):
    """A problem that the user can fix. Its text says what to do; it is shown without a stack trace."""


def say(text: str) -> None:
    """Prints a line immediately."""
    print(text, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Prints the title, then how long the step took. On a terminal it counts the seconds meanwhile."""
    started = time.monotonic()
    done = threading.Event()
    terminal = sys.stdout.isatty()

    def tick() -> None:
        while not done.wait(1):
            print(f"\r  {title} … {time.monotonic() - started:.0f} s", end="", flush=True)

    ticker = threading.Thread(target=tick, daemon=True)
    if terminal:
        ticker.start()
    else:
        say(f"  {title} …")
    outcome = "failed after"
    try:
        yield
        outcome = "done in"
    finally:
        done.set()
        if terminal:
            ticker.join()
            print("\r\033[K", end="")
        say(f"  {title}: {outcome} {time.monotonic() - started:.1f} s")
