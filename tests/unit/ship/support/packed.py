"""The zips of folders."""

import io
from pathlib import Path

from ship.source import packing
from tests.support.trees import Program

SOURCE: dict[str, str | bytes] = {
    "Dockerfile": "FROM scratch\nCOPY . /\n",
    "bin/run": Program("#!/bin/sh\n"),
    "bin/tool": "data",
    "empty/": "",
    "größe/日本 *.txt": "unicode",
    "src/main.py": "print()\n" * 100,
    ".hidden/a": b"\0\xff",
}


def packed(folder: Path, dockerfile: str = "Dockerfile") -> bytes:
    """The zip of a folder."""
    target = io.BytesIO()
    packing.pack(packing.entries(folder, dockerfile), target)
    return target.getvalue()


def names(folder: Path, dockerfile: str = "Dockerfile") -> list[str]:
    """The names of what would be sent."""
    return [each.name for each in packing.entries(folder, dockerfile)]
