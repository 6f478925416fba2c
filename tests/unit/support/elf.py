"""ELF programs that consist of their headers only."""

import struct


def program(machine: int = 0xB7, bits: int = 64, loader: str = "") -> bytes:
    """A program for that machine (by default arm64), with a loader if one is named."""
    name = loader.encode() + b"\0" if loader else b""
    begins = b"\x7fELF" + bytes([bits // 32, 1, 1]) + bytes(9)
    # One program header directly after this one, then the loader's name.
    header = struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, 0, 64, 0, 0, 64, 56, bool(name), 0, 0, 0)
    return (
        begins + header + (struct.pack("<IIQQQQQQ", 3, 4, 120, 0, 0, len(name), len(name), 1) if name else b"") + name
    )
