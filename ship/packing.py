"""What `docker build` would send of a folder, except its history, and its zip: the same bytes for the same content."""

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

from ship.private_files import LARGEST
from ship.problem import Problem
from ship.secret_rules import HISTORIES

IGNORE = ".dockerignore"
EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001  # the first date that a zip can hold, where none has a zone
BLOCK = 1024 * 1024
DATES = 2**28  # of two seconds each, as zips count them: until 1997
DATE_IN_HEADER = 10  # bytes before the date in an entry's header; APPNOTE 4.3.7 of PKWARE
# The builder keeps of a mode whether a file can be executed, and nothing else: so do these.
FILE, PROGRAM, LINK, FOLDER = 0o100644, 0o100755, 0o120777, 0o040755
WRAPPER = "source"
MACOS = "__MACOSX"
"""What macOS puts beside a folder in its zips."""
# Docker makes a regular expression of a pattern. There a backslash before a letter or a digit, as in Windows' paths, is
# refused or means something else, as does [:alpha:]; control characters and a `!` of nothing are refused later.
MISREAD = re.compile(r"(?<!\\)(?:\\\\)*\\[^\W_]|\[[^]]*\[:|[\0-\x1f\x7f]|^!/$")


@dataclass(frozen=True)
class Entry:
    """A file, link or folder to send: its name below the source's folder, its mode in the zip and its size in bytes."""

    name: str
    path: Path
    mode: int
    size: int


def entries(folder: Path, dockerfile: str) -> list[Entry]:
    """What is sent of a folder, in the order of names.

    The rules are moby's: those of `<dockerfile>.dockerignore`, else of `.dockerignore`, the last that matches counts,
    and what lies below an ignored folder may be taken back. The Dockerfile and its rules are always sent, as the build
    reads them; by the same rules it then doesn't see them where they are ignored. The first rules are ours: they ignore
    version control's folders, which are large, may hold logins, and are read by few builds.
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
    """The rules by which files are ignored, and the names that are sent in any case."""
    own = f"{dockerfile}{IGNORE}"
    name = own if (folder / own).is_file() else IGNORE
    always = frozenset({dockerfile, own, IGNORE})
    path = folder / name
    first = [f"**/{history}" for history in HISTORIES]
    if not path.is_file():
        return PatternMatcher(first), always
    if path.is_symlink():
        raise Problem(f"{name} is a link, which the build wouldn't follow.", "Put the file itself there.")
    try:
        text = path.read_bytes().decode("utf-8-sig", "surrogateescape")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of what `[[]` may mean to Python some day
            matcher = PatternMatcher([*first, *text.split("\n")])
    except OSError as error:
        raise unreadable(name, error) from error
    except ValueError as error:
        raise Problem(f"{name} has a pattern that docker refuses, too: {error}.", "Mend it.") from error
    if misread := next(filter(MISREAD.search, matcher.patterns), None):
        raise Problem(
            f"{name} has a pattern that docker refuses or misreads: {misread!r}.", "Write it with names, / and * alone."
        )
    return matcher, always


def walk(folder: Path, below: str, matcher: PatternMatcher, always: frozenset[str]) -> Iterator[Entry]:
    """What is sent of a folder and of those below it; folders that are ignored are left out, unless something isn't."""
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
    """The entry of a file or a link; None for what can't be sent: a socket, a pipe, a device."""
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
    """Where a link leads, as it is written: `Path.readlink` tidies it."""
    return os.readlink(os.fsencode(link))  # noqa: PTH115


def parents_of(name: str) -> Iterator[str]:
    """The names of the folders that this one is in."""
    parts = name.split("/")
    for depth in range(1, len(parts)):
        yield "/".join(parts[:depth])


def pack(
    packed: list[Entry],
    target: IO[bytes],
    see: Callable[[str, bytes], object] = lambda *_: None,
    most: float = math.inf,
) -> None:
    """Writes the zip of these entries: their content, names and modes, without their dates and owners.

    Args:
        packed: the entries, each of which is read once.
        target: a file that can be written anywhere.
        see: is shown each file of up to 256 KiB, by its name and content.
        most: so many bytes; a zip that grows larger isn't finished.

    Raises:
        Problem: something can't be read, has a name that isn't UTF-8, or there is no room.
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
        raise Problem(f"The name {shown} isn't UTF-8.", "Rename it, or name it in .dockerignore.") from error
    except OSError as error:
        raise Problem(
            f"The zip can't be written: {error.strerror}.", "Free some space, or set TMPDIR to a folder that has some."
        ) from error


def add(archive: zipfile.ZipFile, name: str, entry: Entry, see: Callable[[str, bytes], object]) -> ZipInfo:
    """Adds one entry; its date is given later."""
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
    """Gives all entries one date, which is made of what they are, and so known only now.

    The same date for ever would hide a change from what goes by date and size: web servers' ETags, and BuildKit's own
    sync. A date for each file of its own would have `make` build anew, or not, by chance.
    """
    stamp = struct.pack(
        "<HH",
        date.hour << 11 | date.minute << 5 | date.second // 2,
        (date.year - EPOCH.year) << 9 | date.month << 5 | date.day,
    )
    for info in archive.infolist():
        info.date_time = date.timetuple()[:6]  # for the directory, which is written at the end
        target.seek(info.header_offset + DATE_IN_HEADER)
        target.write(stamp)


def content_of(entry: Entry) -> Iterator[bytes]:
    """What is in an entry, block by block: a link holds where it leads, a folder nothing.

    Raises:
        Problem: it can't be read.
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
    """Whether the zip gets a folder around all: one folder alone at its top would be taken for the source's own.

    So it would be beside dot-files and what macOS adds, too.
    """
    top = [each for each in packed if "/" not in each.name and each.name != MACOS and not each.name.startswith(".")]
    return len(top) == 1 and top[0].mode == FOLDER


def unreadable(name: str, error: OSError) -> Problem:
    """Something can't be read."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Problem(
            f"{name} was there a moment ago and is gone.",
            f"Run the command again. If a program keeps writing there, name it in {IGNORE}.",
        )
    return Problem(
        f"{name} can't be read: {error.strerror}.", f"Give yourself permission to read it, or name it in {IGNORE}."
    )
