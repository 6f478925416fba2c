"""Honest zips in forms that few tools write."""

import io
import struct
import zipfile
from collections.abc import Callable

END = "<4s4H2LH"

Change = Callable[[bytes], bytes]


def zip64(archive: bytes) -> bytes:
    """With its end in ZIP64's form: what was in the end record is in another one before it."""
    content, end = archive[:-22], archive[-22:]
    _, _, _, _, entries, size, start, _ = struct.unpack(END, end)
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, size, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(content), 1)
    nothing = struct.pack(END, b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return content + record + locator + nothing


def commented(archive: bytes) -> bytes:
    """With the longest comment that there is."""
    return archive[:-2] + b"\xff\xff" + b"-" * 0xFFFF


class Pipe(io.BytesIO):
    """What can only be written on and on."""

    def tell(self) -> int:
        """Nowhere."""
        raise io.UnsupportedOperation


def streamed(archive: bytes) -> bytes:
    """As it is written to a pipe: the sizes stand behind each file's content."""
    pipe = Pipe()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(pipe, "w") as target:
        for entry in source.infolist():
            target.writestr(entry.filename, source.read(entry))
    return pipe.getvalue()


CHANGES: dict[str, Change] = {
    "ZIP64": zip64,
    "the longest comment": commented,
    "ZIP64 with the longest comment": lambda archive: commented(zip64(archive)),
    "a program before it": lambda archive: b"#!/bin/sh\n" + bytes(100_000) + archive,
    "a program before ZIP64": lambda archive: bytes(100_000) + zip64(archive),
    "line ends behind it": lambda archive: archive + b"\r\n\r\n",
    "written to a pipe": streamed,
}
