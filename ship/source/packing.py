"""The zip of a folder: the files that `docker build` would send, without version control. Reproducible bytes."""

import math
import os
import re
import stat
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO
from zipfile import ZipInfo

from e2b_dockerfile_utils import PatternMatcher

from ship.problem import Problem
from ship.source.private_files import LARGEST
from ship.source.secret_rules import HISTORIES

IGNORE = ".dockerignore"
EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001  # a zip's earliest date; its dates have no time zone
BLOCK = 1024 * 1024
DATES = 2**28  # in units of two seconds, as in zips: until 1997
DATE_IN_HEADER = 10  # bytes before the date in an entry's header; APPNOTE 4.3.7 of PKWARE
# Like the builder, these keep only whether a file is executable.
FILE, PROGRAM, LINK, FOLDER = 0o100644, 0o100755, 0o120777, 0o040755
WRAPPER = "source"
MACOS = "__MACOSX"
"""The folder that macOS adds to its zips."""
# Docker turns a pattern into a regular expression. In it a backslash before a letter or digit, as in Windows paths, is
# refused or means something else, and so does [:alpha:]. Docker later refuses control characters and an empty `!`.
MISREAD = re.compile(r"(?<!\\)(?:\\\\)*\\[^\W_]|\[[^]]*\[:|[\0-\x1f\x7f]|^!/$")


@dataclass(frozen=True)
class Entry:
    """A file, link or folder to send: its name relative to the source, its mode in the zip and its size in bytes."""

    name: str
    path: Path
    mode: int
    size: int


def entries(folder: Path, dockerfile: str) -> list[Entry]:
    """The entries of a folder to send, sorted by name.

    The rules are moby's: `<dockerfile>.dockerignore`, or else `.dockerignore`. The last rule that matches counts, and a
    rule can re-include files below an ignored folder. The Dockerfile and the ignore file are always sent, because the
    build reads them; it applies the same rules, so steps don't see them if they are ignored. We add rules in front that
    ignore version control folders: they are large, may contain credentials, and few builds read them.
    https://docs.docker.com/build/concepts/context/#dockerignore-files

    Raises:
        Problem: the rules can't be read, or something can't be packed.
    """
    matcher, always = rules(folder, dockerfile)
    found: dict[str, Entry] = {}
    for entry in walk(folder, "", matcher, always):
        for parent in parents_of(entry.name):
            found.setdefault(parent, Entry(parent, folder / parent, FOLDER, 0))
        found[entry.name] = entry
    return sorted(found.values(), key=lambda each: os.fsencode(each.name))


def rules(folder: Path, dockerfile: str) -> tuple[PatternMatcher, frozenset[str]]:
    """The ignore rules, and the names that are always sent."""
    own = f"{dockerfile}{IGNORE}"
    name = own if (folder / own).is_file() else IGNORE
    always = frozenset({dockerfile, own, IGNORE})
    path = folder / name
    first = [f"**/{history}" for history in HISTORIES]
    if not path.is_file():
        return PatternMatcher(first), always
    if path.is_symlink():
        raise Problem(f"{name} is a link, and the build doesn't follow links.", "Replace it with the file itself.")
    try:
        text = path.read_bytes().decode("utf-8-sig", "surrogateescape")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # Python may change the meaning of `[[]`
            matcher = PatternMatcher([*first, *text.split("\n")])
    except OSError as error:
        raise unreadable(name, error) from error
    except ValueError as error:
        raise Problem(f"{name} has a pattern that docker refuses as well: {error}.", "Fix the pattern.") from error
    if misread := next(filter(MISREAD.search, matcher.patterns), None):
        raise Problem(f"{name} has a pattern that docker refuses or misreads: {misread!r}.", "Use only names, / and *.")
    return matcher, always


def walk(folder: Path, below: str, matcher: PatternMatcher, always: frozenset[str]) -> Iterator[Entry]:
    """The entries to send, recursively. An ignored folder is skipped unless a rule re-includes something in it."""
    try:
        listed = sorted(os.scandir(folder / below), key=lambda each: os.fsencode(each.name))
    except OSError as error:
        raise unreadable(below or ".", error) from error
    for each in listed:
        name = f"{below}{each.name}"
        ignored = matcher.matches(name) and name not in always
        if each.is_dir(follow_symlinks=False):
            if not ignored:
                yield Entry(name, Path(each.path), FOLDER, 0)
            may_hold = matcher.may_match_under(name) or any(one.startswith(f"{name}/") for one in always)
            if not ignored or may_hold:
                yield from walk(folder, f"{name}/", matcher, always)
        elif not ignored and (entry := entry_of(name, each)):
            yield entry


def entry_of(name: str, found: "os.DirEntry[str]") -> Entry | None:
    """The entry of a file or link. None for sockets, pipes and devices, which can't be sent."""
    path = Path(found.path)
    try:
        if found.is_symlink():
            return Entry(name, path, LINK, len(target_of(path)))
        if not found.is_file():
            return None
        status = found.stat()
    except OSError as error:
        raise unreadable(name, error) from error
    return Entry(name, path, PROGRAM if status.st_mode & stat.S_IXUSR else FILE, status.st_size)


def target_of(link: Path) -> bytes:
    """A link's exact target: `Path.readlink` would normalize it."""
    return os.readlink(os.fsencode(link))  # noqa: PTH115


def parents_of(name: str) -> Iterator[str]:
    """The names of the folders that contain this name."""
    parts = name.split("/")
    for depth in range(1, len(parts)):
        yield "/".join(parts[:depth])


def pack(
    packed: list[Entry],
    target: IO[bytes],
    see: Callable[[str, bytes], object] = lambda *_: None,
    most: float = math.inf,
) -> None:
    """Writes the zip of these entries, without their dates and owners.

    Args:
        packed: the entries, each of which is read once.
        target: a seekable file.
        see: called with the name and content of each file of up to 256 KiB.
        most: a size in bytes. A zip that grows larger isn't finished.

    Raises:
        Problem: a file can't be read, a name isn't UTF-8, or the disk is full.
    """
    before, crc = f"{WRAPPER}/" if needs_wrapper(packed) else "", 0
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry in packed:
                info = add(archive, f"{before}{entry.name}", entry, see)
                crc = zlib.crc32(os.fsencode(f"{entry.name}\0{entry.mode:o}\0{entry.size}\0{info.CRC}\0"), crc)
                if target.tell() > most:
                    return
            give_date(archive, target, EPOCH + timedelta(seconds=2 * (crc % DATES)))
    except UnicodeEncodeError as error:
        shown = os.fsencode(error.object).decode(errors="replace").removeprefix(before).rstrip("/")
        raise Problem(f"The name {shown} isn't UTF-8.", "Rename it, or list it in .dockerignore.") from error
    except OSError as error:
        raise Problem(
            f"The zip can't be written: {error.strerror}.",
            "Free some disk space, or set TMPDIR to a folder on another disk.",
        ) from error


def add(archive: zipfile.ZipFile, name: str, entry: Entry, see: Callable[[str, bytes], object]) -> ZipInfo:
    """Adds one entry. Its date is set later."""
    info = ZipInfo(f"{name}/" if entry.mode == FOLDER else name)
    info.create_system, info.external_attr = 3, entry.mode << 16  # 3 is Unix
    is_file = entry.mode in {FILE, PROGRAM}
    info.compress_type = zipfile.ZIP_DEFLATED if is_file else zipfile.ZIP_STORED
    info.file_size = entry.size
    blocks: Iterable[bytes] = content_of(entry)
    if is_file and entry.size <= LARGEST:
        content = b"".join(blocks)
        see(entry.name, content)
        blocks = (content,)
    with archive.open(info, "w") as written:
        for block in blocks:
            written.write(block)
    return info


def give_date(archive: zipfile.ZipFile, target: IO[bytes], date: datetime) -> None:
    """Sets one date for all entries, derived from their content and so known only now.

    A constant date would hide changes from tools that compare date and size, such as web servers' ETags and BuildKit's
    sync. A date per file would make `make` rebuild, or not, at random.
    """
    stamp = struct.pack(
        "<HH",
        date.hour << 11 | date.minute << 5 | date.second // 2,
        (date.year - EPOCH.year) << 9 | date.month << 5 | date.day,
    )
    for info in archive.infolist():
        info.date_time = date.timetuple()[:6]  # for the central directory, written at the end
        target.seek(info.header_offset + DATE_IN_HEADER)
        target.write(stamp)


def content_of(entry: Entry) -> Iterator[bytes]:
    """An entry's content, block by block: a link's is its target, a folder's is empty.

    Raises:
        Problem: the entry can't be read.
    """
    try:
        if entry.mode == LINK:
            yield target_of(entry.path)
        elif entry.mode != FOLDER:
            with entry.path.open("rb") as source:
                while block := source.read(BLOCK):
                    yield block
    except OSError as error:
        raise unreadable(entry.name, error) from error


def needs_wrapper(packed: list[Entry]) -> bool:
    """Whether the zip needs a folder around everything.

    Otherwise the builder would take a single top-level folder for the source itself, even beside dot-files and macOS's
    folder.
    """
    top = [each for each in packed if "/" not in each.name and each.name != MACOS and not each.name.startswith(".")]
    return len(top) == 1 and top[0].mode == FOLDER


def unreadable(name: str, error: OSError) -> Problem:
    """The problem that a file can't be read."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Problem(
            f"{name} was there a moment ago and is gone.",
            f"Run the command again. If a program keeps writing there, list it in {IGNORE}.",
        )
    return Problem(
        f"{name} can't be read: {error.strerror}.", f"Give yourself permission to read it, or list it in {IGNORE}."
    )
