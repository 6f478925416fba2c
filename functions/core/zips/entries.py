"""Reads a zip entry's path and kind, for StartBuild's check and for the builder alike."""

import stat
import struct
import zlib
from zipfile import ZipInfo

FAT, UNIX, DARWIN = 0, 3, 19
DOS_FOLDER = 0x10
IS_UTF_8 = 0x800


def path_of(entry: ZipInfo) -> tuple[bytes, ...]:
    """The entry's path, which never leaves the folder that it is unpacked into; empty for that folder itself."""
    return tuple(part for part in name_of(entry).split(b"/") if part not in {b"", b".", b".."})


def kind_of(entry: ZipInfo) -> str:
    """The entry's kind: folder, link or file. A folder without a slash is recognized by its attributes."""
    mode = entry.external_attr >> 16
    told = stat.S_ISDIR(mode) if mode else entry.external_attr & DOS_FOLDER
    if name_of(entry).endswith(b"/") or (told and not entry.file_size):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "file"


def name_of(entry: ZipInfo) -> bytes:
    """The entry's name in bytes, for Linux.

    Names from Unix are used as they are. Names from Windows are in code page 437, unless they are valid UTF-8; old
    Windows tools write a backslash instead of a slash.
    """
    is_utf_8 = bool(entry.flag_bits & IS_UTF_8)
    raw = entry.orig_filename.encode("utf-8" if is_utf_8 else "cp437")
    name = unicode_path(entry.extra, raw)
    if name is None:
        name = (
            raw if is_utf_8 or entry.create_system in {UNIX, DARWIN} or is_text(raw) else entry.orig_filename.encode()
        )
    return name.replace(b"\\", b"/") if entry.create_system == FAT and b"/" not in name else name


def unicode_path(extra: bytes, raw: bytes) -> bytes | None:
    """The UTF-8 name in an entry's extra field, if it belongs to this name: PKWARE's APPNOTE, 4.6.9."""
    start = 0
    while start + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, start)
        field, start = extra[start + 4 : start + 4 + size], start + 4 + size
        if kind == 0x7075 and field[:5] == struct.pack("<BL", 1, zlib.crc32(raw)) and is_text(field[5:]):
            return field[5:]
    return None


def is_text(name: bytes) -> bool:
    """Whether these bytes are UTF-8."""
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True
