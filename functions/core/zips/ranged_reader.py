"""Reads a zip's central directory with few ranged requests."""

import errno
import io
import struct
import zipfile
from collections.abc import Callable

from core.zips import extra_fields

MIB = 1024 * 1024
MOST_BYTES = 4 * MIB
MOST_REQUESTS = 20
TAIL = 66 * 1024  # the end record with the longest comment, in the first request
# zipfile raises one of these for a broken directory; which one depends on where it stumbles.
STUMBLES = (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error, EOFError)


class TooMuchError(Exception):
    """The zip's directory is too large, or takes too many requests."""


class UnansweredError(Exception):
    """A request for a part of the upload failed, which says nothing about the archive."""


class RangedReader(io.RawIOBase):
    """A seekable file that reads with `fetch(start, stop)`, which returns those bytes. It makes few requests."""

    def __init__(self, size: int, fetch: Callable[[int, int], bytes]) -> None:
        """`size` is in bytes."""
        self._size, self._fetch = size, fetch
        self._position = self._bytes = self._requests = 0
        self._tail_start = max(0, size - TAIL)
        self._tail: bytes | None = None

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves to a position.

        Raises:
            OSError: the position is before the beginning.
        """
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, "A position before the beginning.")
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes; fewer at the end of the file.

        Raises:
            TooMuchError: the limits for this archive are reached.
            UnansweredError: the request failed.
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


class DirectoryReader(RangedReader):
    """A RangedReader for zipfile, which also checks the directory that zipfile is about to parse."""

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes.

        Raises:
            BadZipFile: the directory has more extra fields than archivers write.
        """
        data = super().read(size)
        if extra_fields.are_too_many(data):
            raise zipfile.BadZipFile("An entry has too many extra fields.")
        return data
