"""A folder's way to the build: `ship` packs it, and the builder unpacks it."""

import io
import tempfile
from contextlib import chdir
from pathlib import Path
from unittest.mock import patch

from builder.source import ARCHIVE, Source, unpack
from builder.state import FOLDER
from ship.source import packing


def packed(folder: Path, dockerfile: str) -> bytes:
    """The zip that `ship` makes of a folder."""
    target = io.BytesIO()
    packing.pack(packing.entries(folder, dockerfile), target)
    return target.getvalue()


def unpacked(content: bytes, dockerfile: str, work: Path) -> Source:
    """What the builder gives to docker from a zip, below an empty folder."""
    (work / FOLDER).mkdir(parents=True)
    with chdir(work), patch.object(tempfile, "tempdir", str(work)):
        ARCHIVE.write_bytes(content)
        return unpack(dockerfile)
