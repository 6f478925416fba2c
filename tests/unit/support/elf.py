"""ELF programs that consist of their headers only."""

import struct


def program(machine: int = 0xB7, bits: int = 64, loader: str = "") -> bytes:
    """A program for that machine (by default arm64), with a loader if one is named."""
    name = loader.encode() + b"\0" if loader else b""
    begins = b"\x7fELF" + bytes([bits // 32, 1, 1]) + bytes(9)
    # Directly after this header the table's own entry and the loader's, as linkers write them, then its name.
    header = struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, 0, 64, 0, 0, 64, 56, 2 if name else 0, 0, 0, 0)
    entries = [(6, 64, 112), (3, 176, len(name))] if name else []
    table = [struct.pack("<IIQQQQQQ", kind, 4, at, 0, 0, size, size, 1) for kind, at, size in entries]
    return begins + header + b"".join(table) + name
