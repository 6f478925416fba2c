"""Whether a source zip can be built, judged by its central directory alone, which is read by small ranged requests."""

import errno
import io
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from zipfile import ZipInfo

from core import reasons
from core.reasons import Reason

MIB = 1024 * 1024
MOST_BYTES = 4 * MIB
MOST_REQUESTS = 20
TAIL = 66 * 1024  # the end record with the longest comment, in the first request
MOST_DECLARED_BYTES = 8 * 1024 * MIB
FAT = 0
ENCRYPTED = 0x1
# What zipfile raises for a directory that is none depends on where it stumbles.
STUMBLES = (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error, EOFError)


class TooMuchError(Exception):
    """More would have to be read of an upload than this function allows."""


class UnansweredError(Exception):
    """A request for a part of the upload failed: nothing is known of the archive."""


class RangedReader(io.RawIOBase):
    """A seekable file over ranged requests, of which it makes few: `fetch(start, stop)` gives those bytes."""

    def __init__(self, size: int, fetch: Callable[[int, int], bytes]) -> None:
        """A file of that size, in bytes."""
        self._size, self._fetch = size, fetch
        self._position = self._bytes = self._requests = 0
        self._tail_start = max(0, size - TAIL)
        self._tail: bytes | None = None

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Goes to a place of the file.

        Raises:
            OSError: the place is before the file's beginning.
        """
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, "A place before the beginning.")
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        """The place where it is."""
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes; fewer at the file's end.

        Raises:
            TooMuchError: they would exceed what may be read in all.
            UnansweredError: the request for them failed.
        """
        wanted = self._size if size is None or size < 0 else size
        start, stop = self._position, min(self._size, self._position + wanted)
        if stop <= start:
            return b""
        if start >= self._tail_start:
            if self._tail is None:
                self._tail = self._request(self._tail_start, self._size)
            data = self._tail[start - self._tail_start : stop - self._tail_start]
        else:
            data = self._request(start, stop)
        self._position = stop
        return data

    def _request(self, start: int, stop: int) -> bytes:
        self._bytes += stop - start
        self._requests += 1
        if self._bytes > MOST_BYTES or self._requests > MOST_REQUESTS:
            raise TooMuchError
        try:
            return self._fetch(start, stop)
        except (OSError, *STUMBLES) as error:  # zipfile, or this module, would take it for a fault of the zip
            raise UnansweredError(f"The bytes {start} to {stop} of the upload can't be read: {error}") from error


def check(size: int, fetch: Callable[[int, int], bytes], most_mib: int) -> Reason | None:
    """Why the archive can't be built, or nothing.

    Args:
        size: the archive's size in bytes.
        fetch: gives the bytes from a place to another. Its errors pass through, as UnansweredError where they could be
            taken for a fault of the zip.
        most_mib: the largest archive that is taken.

    Raises:
        UnansweredError: a part of the archive couldn't be read.
    """
    if size > most_mib * MIB:
        return reasons.too_large(most_mib)
    reader = RangedReader(size, fetch)
    try:
        if not zipfile.is_zipfile(reader):
            return reasons.NOT_A_ZIP
        with zipfile.ZipFile(reader) as archive:
            entries = archive.infolist()
    except TooMuchError:
        return reasons.TOO_MANY
    except STUMBLES:
        return reasons.DAMAGED
    return check_entries(entries)


def check_entries(entries: list[ZipInfo]) -> Reason | None:
    """Why an archive of these entries can't be built, or nothing."""
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        return reasons.ENCRYPTED
    if sum(entry.file_size for entry in entries) > MOST_DECLARED_BYTES:
        return reasons.UNPACKS_TOO_LARGE
    tree = [(path, entry) for entry in entries if (path := parts(entry))]
    source = source_folder(tree)
    place = (*source, "Dockerfile")
    found = [entry for path, entry in tree if path == place]
    if any(path[: len(place)] == place and path != place for path, _ in tree) or any(map(is_special, found)):
        return reasons.NOT_REGULAR
    if found:
        return None
    others = [path[:-1] for path, entry in tree if path[-1] == "Dockerfile" and not is_special(entry)]
    nearest = min(others, key=len) if others else ()
    return reasons.no_dockerfile("/".join(nearest) or None)


def parts(entry: ZipInfo) -> tuple[str, ...]:
    """The entry's path as unzip unpacks it: below its folder whatever the name says.

    A zip made on Windows has `\\` in the place of `/`, which unzip mends where the name has no `/` at all.
    """
    name = entry.filename
    if entry.create_system == FAT and "/" not in name:
        name = name.replace("\\", "/")
    return tuple(part for part in name.split("/") if part not in {"", ".", ".."})


def is_special(entry: ZipInfo) -> bool:
    """Whether the entry is a folder or a symbolic link."""
    return entry.filename.endswith(("/", "\\")) or stat.S_ISLNK(entry.external_attr >> 16)


def source_folder(tree: list[tuple[tuple[str, ...], ZipInfo]]) -> tuple[str, ...]:
    """Where the source is: at the top, or in the only folder there beside `__MACOSX` and dot-files.

    The recipe follows the same rule.
    """
    top = {path[0] for path, _ in tree if not path[0].startswith(".")} - {"__MACOSX"}
    if len(top) != 1:
        return ()
    (name,) = top
    return (name,) if all(folders(name, tree)) else ()


def folders(name: str, tree: list[tuple[tuple[str, ...], ZipInfo]]) -> Iterator[bool]:
    """For each entry at or below a name at the top, whether it says that this is a folder."""
    for path, entry in tree:
        if path[0] == name:
            yield len(path) > 1 or (is_special(entry) and not stat.S_ISLNK(entry.external_attr >> 16))
