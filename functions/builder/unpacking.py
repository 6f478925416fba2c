"""Writes a zip's entries, as `core.zips.checks` accepts them, into one folder and nowhere else."""

import calendar
import os
import shutil
from pathlib import Path
from typing import IO
from zipfile import ZipFile, ZipInfo

from core.trial.programs import LONGEST_PATH
from core.zips.entries import kind_of, path_of

BLOCK = 1 << 20


def write(archive: ZipFile, tree: Path) -> int:
    """Unpacks all entries into a folder, and returns the number of files. Links come last: no entry follows one.

    Raises:
        OSError, zlib.error, archives.STUMBLES: an entry is damaged or can't be written.
    """
    links: dict[Path, str] = {}
    files = set()
    for entry in archive.infolist():
        path = path_of(entry)
        if not path:
            continue  # it names the folder itself
        target, kind = tree.joinpath(*map(os.fsdecode, path)), kind_of(entry)
        if kind == "folder":
            target.mkdir(parents=True, exist_ok=True)
            target.chmod(permissions(entry) | 0o755)  # always searchable
            continue
        files.add(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as content:  # reads no more than the central directory declares
            # A longer or an empty link becomes a file.
            if kind == "link" and 0 < entry.file_size <= LONGEST_PATH:
                links[target] = os.fsdecode(content.read(LONGEST_PATH))
            else:
                write_file(content, entry, target)
    for target, to in links.items():
        target.symlink_to(to)
    return len(files)


def write_file(content: IO[bytes], entry: ZipInfo, target: Path) -> None:
    """Writes one file with its mode and time."""
    with target.open("wb") as file:
        shutil.copyfileobj(content, file, BLOCK)
    target.chmod(permissions(entry) | 0o644)
    year, month, *rest = entry.date_time
    second = calendar.timegm((year, min(max(month, 1), 12), *rest))
    os.utime(target, (second, second))


def permissions(entry: ZipInfo) -> int:
    """The entry's permissions without set-user-id, set-group-id and sticky."""
    return entry.external_attr >> 16 & 0o777
