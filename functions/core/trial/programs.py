"""Recognizes, from a file's first bytes, a program and its machine, a script, or neither.

Linux's own reading: https://github.com/torvalds/linux/blob/master/fs/binfmt_script.c and binfmt_elf.c.
"""

import struct
from dataclasses import dataclass
from enum import Enum, auto

HEAD = 4096  # bytes of a file to read: ELF's headers and the loader's name are at the beginning
MOST_SCRIPTS = 5  # Linux follows this many before it gives up
LONGEST_PATH = 4095  # bytes; Linux's limit for a link's target as well
LINE = 256  # bytes that Linux reads of a script's first line
ELF, ARM64, LITTLE_ENDIAN, BITS_64 = b"\x7fELF", 0xB7, 1, 2
LOADER = 3  # the type of the ELF header that names the loader
MACHINES = {0x3E: "x86-64", 0x03: "32-bit x86", 0x28: "32-bit ARM", 0xF3: "RISC-V", 0x15: "POWER", 0x16: "IBM Z"}
OTHERS = {
    b"\xef\xbb\xbf#!": "BOM",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"MZ": "Windows",
    b"\xcf\xfa\xed\xfe": "macOS",
    b"\xca\xfe\xba\xbe": "macOS",
}
"""Files that Linux can't start, by their first bytes."""


class Kind(Enum):
    """The kind of file that the kernel finds where it looks for a program."""

    ARM64 = auto()
    FOREIGN = auto()  # a program for another machine
    SCRIPT = auto()
    OTHER = auto()
    FOLDER = auto()
    NOT_EXECUTABLE = auto()
    MISSING = auto()


@dataclass(frozen=True)
class Program:
    """A file that the kernel should start: the path it looks for, and the first bytes."""

    path: str
    kind: Kind
    head: bytes = b""

    @property
    def line(self) -> str:
        """A script's first line, without `#!`, up to a zero. It keeps a carriage return."""
        return self.head[2:LINE].partition(b"\n")[0].partition(b"\0")[0].decode(errors="replace")

    @property
    def interpreter(self) -> str:
        """The program that a script's first line names, or nothing."""
        words = self.line.replace("\t", " ").split(" ")
        return next((word for word in words if word), "")

    @property
    def machine(self) -> str:
        """The machine that a program is for."""
        order = "<" if self.head[5:6] == bytes([LITTLE_ENDIAN]) else ">"
        return MACHINES.get(int(struct.unpack_from(f"{order}H", self.head.ljust(20, b"\0"), 18)[0]), "another machine")

    @property
    def loader(self) -> str:
        """The loader that a program for arm64 needs, or nothing for a static program."""
        try:
            start, size, number = *struct.unpack_from("<Q", self.head, 32), *struct.unpack_from("<HH", self.head, 54)
            for each in range(number):
                kind, _, offset, _, _, length = struct.unpack_from("<IIQQQQ", self.head, start + each * size)
                if kind == LOADER:
                    return self.head[offset : offset + length].rstrip(b"\0").decode(errors="replace")
        except struct.error:
            pass  # the headers are beyond HEAD, or the file is cut short
        return ""

    @property
    def shows(self) -> str:
        """The name in OTHERS of a file that is neither a program nor a script, or nothing."""
        return next((name for begins, name in OTHERS.items() if self.head.startswith(begins)), "")


def seen(path: str, head: bytes) -> Program:
    """An executable file, classified by its first bytes."""
    if head.startswith(ELF):
        arm64 = head[4:6] == bytes([BITS_64, LITTLE_ENDIAN]) and head[18:20] == struct.pack("<H", ARM64)
        return Program(path, Kind.ARM64 if arm64 else Kind.FOREIGN, head)
    return Program(path, Kind.SCRIPT if head.startswith(b"#!") else Kind.OTHER, head)
