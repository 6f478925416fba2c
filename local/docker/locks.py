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
    """A lock that one command at a time can hold. The kernel frees it when its holder ends, even if killed.

    The file tells waiting commands what the holder is doing.
    """

    file: Path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the lock while the block runs. While it waits, it shows what the holder is doing."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a") as opened:
            while not take(opened):
                self.wait(opened)
            self.announce("")
            yield

    def wait(self, opened: IO[str]) -> None:
        """Waits until the lock is taken or its holder does something else."""
        doing = self.file.read_text()
        if not doing:
            time.sleep(0.1)
            return
        with step(f"Waiting for another command: {doing}"):
            while self.file.read_text() == doing and not take(opened):
                time.sleep(0.1)

    def announce(self, doing: str) -> None:
        """Tells waiting commands what the holder is doing."""
        self.file.write_text(doing)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A step of the holder, which waiting commands also show."""
        self.announce(title)
        with step(title):
            yield


def take(opened: IO[str]) -> bool:
    """Tries to lock the file. Returns whether that succeeded."""
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
