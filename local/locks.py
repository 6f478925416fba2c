"""Locks between commands that run on this machine at the same time."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from local.progress import step


@dataclass(frozen=True)
class Lock:
    """What one command at a time may do. The kernel frees it when its holder ends, however that ends.

    In the file stands what its holder is doing, for those who wait.
    """

    file: Path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the lock while the block runs; waits for it as long as another command holds it, and shows for what."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a") as opened:
            while not take(opened):
                self.wait(opened)
            self.announce("")
            yield

    def wait(self, opened: IO[str]) -> None:
        """Returns when the lock was taken, or its holder does something else."""
        doing = self.file.read_text()
        if not doing:
            time.sleep(0.1)
            return
        with step(f"Waiting for another command: {doing}"):
            while self.file.read_text() == doing and not take(opened):
                time.sleep(0.1)

    def announce(self, doing: str) -> None:
        """Writes for those who wait what the holder is doing."""
        self.file.write_text(doing)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A step of the holder, which those who wait see, too."""
        self.announce(title)
        with step(title):
            yield


def take(opened: IO[str]) -> bool:
    """Whether the lock is ours now."""
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
