"""A source to upload: a folder to pack, or a zip."""

import math
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Protocol

from core.reasons import Reason
from core.zips import checks, ranged_reader
from ship.aws.cloudformation import Stack
from ship.problem import Problem
from ship.source import packing
from ship.source.private_files import LARGEST

See = Callable[[str, bytes], object]
"""Called with the name and content of each file of up to 256 KiB."""
TO_GIVE = "Use the folder with the Dockerfile, or a zip."


class Source(Protocol):
    """A source before it is sent."""

    @property
    def files(self) -> list[tuple[str, int]]:
        """The names of its files, with slashes, and their sizes in bytes."""

    @property
    def to_leave_out(self) -> str:
        """Tells the user how to leave out a file."""

    def read(self, name: str) -> bytes:
        """The content of a file."""

    def zipped(self, see: See, most: float) -> "BinaryIO":
        """The source's zip, an open file with a name. `see` gets its small files. `most` limits its bytes."""


@dataclass(frozen=True)
class Folder:
    """A folder. Its zip has the files that `docker build` would send."""

    path: Path
    entries: list[packing.Entry]

    @property
    def files(self) -> list[tuple[str, int]]:
        """The names of its files, with slashes, and their sizes in bytes."""
        return [(entry.name, entry.size) for entry in self.entries if entry.mode != packing.FOLDER]

    @property
    def to_leave_out(self) -> str:
        """Tells the user how to leave out a file."""
        return f"List it in {packing.IGNORE}"

    def read(self, name: str) -> bytes:
        """The content of a file. Empty for a link."""
        path = self.path / name
        try:
            return b"" if path.is_symlink() else path.read_bytes()
        except OSError as error:
            raise packing.unreadable(name, error) from error

    def zipped(self, see: See, most: float) -> BinaryIO:
        """The zip, in a temporary file that is deleted when it is closed. Each file is read only once."""
        opened = tempfile.NamedTemporaryFile(prefix="ship-", suffix=".zip")  # noqa: SIM115  # the caller closes it
        packing.pack(self.entries, opened, see, most)
        opened.flush()
        return opened  # type: ignore[return-value]


@dataclass(frozen=True)
class Zip:
    """A zip, sent as it is."""

    path: Path
    files: list[tuple[str, int]]

    @property
    def to_leave_out(self) -> str:
        """Tells the user how to leave out a file."""
        return "Make the zip without it"

    @cached_property
    def archive(self) -> zipfile.ZipFile:
        """The archive, opened once."""
        return zipfile.ZipFile(self.path)

    def read(self, name: str) -> bytes:
        """The content of a file. Empty if it can't be unpacked: the check reports that."""
        try:
            return self.archive.read(name)
        except (OSError, RuntimeError, *ranged_reader.STUMBLES):
            return b""

    def zipped(self, see: See, most: float) -> BinaryIO:  # noqa: ARG002  # its size is known
        """The zip itself. `see` has got its small files by then."""
        for name, size in self.files:
            if size <= LARGEST:
                see(name, self.read(name))
        return self.path.open("rb")


def source_at(path: Path, dockerfile: str) -> Source:
    """The source at a path.

    Raises:
        Problem: there is no folder or zip, or it can't be read.
    """
    if path.is_dir():
        return Folder(path, packing.entries(path, dockerfile))
    if not path.is_file():
        raise Problem(f"There is no folder or file {path}.", TO_GIVE)
    if not path.name.lower().endswith(".zip") and not zipfile.is_zipfile(path):
        raise Problem(f"{path} isn't a zip.", TO_GIVE)
    try:
        with zipfile.ZipFile(path) as archive:
            return Zip(path, [(each.filename, each.file_size) for each in archive.infolist() if not each.is_dir()])
    except ranged_reader.STUMBLES:
        return Zip(path, [])
    except OSError as error:
        raise packing.unreadable(str(path), error) from error


@contextmanager
def opened(source: Source, see: See = lambda *_: None, most_mib: float = math.inf) -> Iterator[tuple[Path, int]]:
    """The path of a source's zip, while the block runs, and its size in bytes. `see` gets its small files.

    A folder's zip that grows larger than `most_mib` isn't finished.
    """
    with source.zipped(see, most_mib * ranged_reader.MIB) as file:
        path = Path(file.name)
        yield path, path.stat().st_size


def too_much(source: Source) -> Reason | None:
    """The reason for which StartBuild would reject a folder for its number of files or size, before it is packed."""
    if not isinstance(source, Folder):
        return None
    return checks.check_amount([(os.fsencode(each.name), each.size) for each in source.entries])


def rejected(path: Path, stack: Stack) -> Reason | None:
    """The reason for which StartBuild would reject a zip, if there is one, by StartBuild's own check.

    If only the bucket is known, the Dockerfile may be anywhere.
    """

    def fetch(start: int, stop: int) -> bytes:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(stop - start)

    reason = checks.check(path.stat().st_size, fetch, stack.largest_mib, stack.dockerfile)
    return None if reason and reason.code == "no-dockerfile" and not stack.is_known else reason
