"""Folders: written, and listed as they are on a disk, in a zip or in a tar."""

import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.support.zips import Link

# What each name is: a file, program, link or folder; and its content, or where it leads.
Listing = dict[str, tuple[str, bytes]]


class Program(str):
    """The content of a file that can be executed."""

    __slots__ = ()


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Writes these files, programs and links into a folder; names that end in / are folders."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        elif isinstance(content, Link):
            path.symlink_to(content)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            path.chmod(0o755 if isinstance(content, Program) else 0o644)
    return folder


def listed(files: Mapping[str, str | bytes]) -> Listing:
    """The listing of what `write` writes, but for folders that aren't named."""
    found: Listing = {}
    for name, content in files.items():
        kind = "link" if isinstance(content, Link) else "program" if isinstance(content, Program) else "file"
        if name.endswith("/"):
            found[name.rstrip("/")] = ("folder", b"")
        else:
            found[name] = (kind, content.encode() if isinstance(content, str) else content)
    return found


def listed_in_folder(folder: Path) -> Listing:
    """What a folder holds."""
    found: Listing = {}
    for path in folder.rglob("*"):
        kind = kind_of(path.lstat().st_mode)
        content = os.fsencode(os.readlink(path)) if kind == "link" else b"" if kind == "folder" else path.read_bytes()  # noqa: PTH115
        found[str(path.relative_to(folder))] = (kind, content)
    return found


def listed_in_zip(content: bytes) -> Listing:
    """What a zip holds."""
    found: Listing = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            found[entry.filename.rstrip("/")] = (kind_of(entry.external_attr >> 16), archive.read(entry))
    return found


def listed_in_tar(content: bytes) -> Listing:
    """What a tar holds."""
    found: Listing = {}
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for entry in archive:
            if entry.issym():
                found[entry.name] = ("link", entry.linkname.encode())
            elif entry.isdir():
                found[entry.name.rstrip("/")] = ("folder", b"")
            else:
                file = archive.extractfile(entry)
                found[entry.name] = (kind_of(stat.S_IFREG | entry.mode), file.read() if file else b"")
    return found


def kind_of(mode: int) -> str:
    """What a mode says that it is."""
    if stat.S_ISLNK(mode):
        return "link"
    if stat.S_ISDIR(mode):
        return "folder"
    return "program" if mode & stat.S_IXUSR else "file"
