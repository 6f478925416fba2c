"""What `ship` is called with, and its exit codes."""

from pathlib import Path
from uuid import uuid4

from local.emulator import ROOT
from local.sources.samples import BASE, SERVES
from tests.e2e.support.shippers import folder_of

HELLO, BROKEN = ROOT / "examples" / "hello", ROOT / "examples" / "broken"
RECORDED, FAILED, UNDONE, SUPERSEDED, INTERRUPTED = 0, 1, 2, 3, 130


def slow_folder(place: Path, seconds: int) -> Path:
    """A source whose build takes a while, even if the engine has cached similar ones."""
    return folder_of({"Dockerfile": f"{BASE}RUN sleep {seconds}; echo {uuid4()}\n{SERVES}"}, place)
