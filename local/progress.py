"""Shows which long step runs, and how long it has taken."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class UserError(Exception):
    """Something that the person at the terminal can mend: its text says what to do, and no stack trace is shown."""


def say(text: str) -> None:
    """Prints one line at once."""
    print(text, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Prints the title, then how long the step took; on a terminal the seconds run while it works."""
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
