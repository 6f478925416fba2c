"""Named pipes, by which a test holds a build up and sees whether anything of it lives."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.pipeline import wait_for
from tests.support.waiting import PATIENCE


@dataclass(frozen=True)
class Gate:
    """Holds a build up at its command until the test lets it pass."""

    path: Path

    @property
    def command(self) -> str:
        """What the build waits in."""
        return f"read -r _ < {self.path}"

    def let_pass(self) -> None:
        """Returns when the build was there and goes on."""

        def look() -> int | None:
            try:
                return os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # nobody reads yet
                return None

        end = wait_for("The build's arrival at its gate", look, PATIENCE)
        os.write(end, b"\n")
        os.close(end)


@dataclass(frozen=True)
class Pulse:
    """Is held open by a build's processes for as long as one of them lives."""

    path: Path
    end: int

    @property
    def command(self) -> str:
        """Opens it, for the shell and all that the shell starts, and notes the group of all these."""
        return f"exec 9> {self.path}; echo $$ > {self.path}.group"

    def beats(self) -> bool:
        """Whether any process holds it."""
        try:
            return os.read(self.end, 1) != b""
        except BlockingIOError:
            return True

    def wait_until_it_beats(self) -> None:
        """Returns when a process holds it."""
        wait_for("The start of a process", self.beats, PATIENCE)

    def wait_until_it_stops(self) -> None:
        """Returns when no process holds it any more."""
        wait_for("The end of all processes", lambda: not self.beats(), PATIENCE)

    def end_it(self) -> None:
        """Ends what still holds it, which a test that succeeds has no need of."""
        group = self.path.with_name(f"{self.path.name}.group")
        if self.beats() and group.exists():
            os.killpg(int(group.read_text()), signal.SIGKILL)


def gate_in(folder: Path) -> Gate:
    """A gate that is shut."""
    os.mkfifo(folder / "gate")
    return Gate(folder / "gate")


@contextmanager
def pulse_in(folder: Path) -> Iterator[Pulse]:
    """A pulse that nothing holds yet."""
    os.mkfifo(folder / "pulse")
    end = os.open(folder / "pulse", os.O_RDONLY | os.O_NONBLOCK)
    try:
        pulse = Pulse(folder / "pulse", end)
        yield pulse
        pulse.end_it()
    finally:
        os.close(end)
