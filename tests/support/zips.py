"""Zips, honest ones and others."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

LINK = 0o120777 << 16
WINDOWS = 0
UNIX = 3
MIB = 1 << 20


class Link(str):
    """The target of a symbolic link."""

    __slots__ = ()


def zipped(files: Mapping[str, str | bytes], system: int = UNIX, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these files and links, in this order; names that end in / are folders."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.create_system = system
            entry.compress_type = compression
            entry.external_attr = LINK if isinstance(content, Link) else 0o644 << 16 if system == UNIX else 0
            archive.writestr(entry, content)
    return buffer.getvalue()


def encrypted() -> bytes:
    """A zip whose one entry is marked as encrypted."""
    archive = bytearray(
        zipped({"Dockerfile": "twelve bytes of salt, and then something"}, compression=zipfile.ZIP_STORED)
    )
    archive[archive.index(b"PK\3\4") + 6] |= 1
    archive[archive.index(b"PK\1\2") + 8] |= 1
    return bytes(archive)


def damaged() -> bytes:
    """A zip whose content doesn't match its checksum."""
    archive = bytearray(zipped({"Dockerfile": "FROM scratch\n"}, compression=zipfile.ZIP_STORED))
    archive[archive.index(b"FROM")] ^= 0xFF
    return bytes(archive)


def bomb(mebibytes: int) -> bytes:
    """A zip of a few MB with one file of that many MiB of zeros. Its checksum is wrong, which nobody gets to see."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = block * mebibytes + zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    name = b"zeros"
    sizes = struct.pack("<HHHHHLLLH", 20, 0, 8, 0, 0, 0, len(packed), mebibytes * MIB, len(name))
    local = b"PK\3\4" + sizes + struct.pack("<H", 0) + name
    central = b"PK\1\2" + struct.pack("<BB", 20, UNIX) + sizes
    central += struct.pack("<HHHHLL", 0, 0, 0, 0, 0o100644 << 16, 0) + name
    end = b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(central), len(local) + len(packed), 0)
    return local + packed + central + end
