"""The checksum of a file."""

import zlib
from pathlib import Path

BLOCK = 1024 * 1024


def crc32(path: Path) -> int:
    """The CRC-32 of a file's content."""
    crc = 0
    with path.open("rb") as opened:
        while block := opened.read(BLOCK):
            crc = zlib.crc32(block, crc)
    return crc
