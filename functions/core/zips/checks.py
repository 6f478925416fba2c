"""Checks whether a source zip can be built, from its central directory alone."""

import zipfile
from collections.abc import Callable, Sequence
from itertools import pairwise
from zipfile import ZipInfo

from core.reasons import Reason
from core.zips import zip_reasons
from core.zips.entries import kind_of, path_of
from core.zips.ranged_reader import MIB, MOST_BYTES, STUMBLES, DirectoryReader, TooMuchError

MOST_DECLARED_BYTES = 8 * 1024 * MIB
LARGEST_FILE = 2 * 1024 * MIB
SMALLEST_RECORD = 46  # bytes of a file in the directory, without its name; APPNOTE 4.3.12 of PKWARE
LONGEST_NAME = 255  # Linux's bytes in a name
LONGEST_PATH = 4000  # 4,096 with the folder in which the builder unpacks
DEEPEST = 100  # folders: each takes a block of the disk
LONGEST_SHOWN = 60
ENCRYPTED = 0x1 | 0x40
SUPPORTED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # of these zipfile never holds more than a block in memory
METHODS = {
    9: "Deflate64",
    12: "bzip2",
    14: "LZMA",
    93: "Zstandard",
    95: "XZ",
    97: "WavPack",
    98: "PPMd",
}  # APPNOTE 4.4.5 of PKWARE
NOT_FOR_THE_IMAGE = {b".devcontainer", b"node_modules", b"__MACOSX"}


Path = tuple[bytes, ...]
Tree = list[tuple[Path, ZipInfo]]


def check(
    size: int, fetch: Callable[[int, int], bytes], most_mib: int, dockerfile: str = "Dockerfile"
) -> Reason | None:
    """The reason why the archive can't be built; None if it can.

    Args:
        size: the archive's size in bytes.
        fetch: returns the bytes from a position up to another. Its errors pass through, as UnansweredError if they
            could be mistaken for a fault of the zip.
        most_mib: the largest accepted size.
        dockerfile: the Dockerfile's path below the source's folder.

    Raises:
        UnansweredError: a part of the archive couldn't be read.
    """
    if size > most_mib * MIB:
        return zip_reasons.too_large(most_mib)
    reader = DirectoryReader(size, fetch)
    try:
        if not zipfile.is_zipfile(reader):
            return zip_reasons.NOT_A_ZIP
        with zipfile.ZipFile(reader) as archive:
            entries = archive.infolist()
    except TooMuchError:
        return zip_reasons.TOO_MANY
    except STUMBLES:
        return zip_reasons.DAMAGED
    return check_entries(entries, dockerfile)


def check_entries(entries: list[ZipInfo], dockerfile: str) -> Reason | None:
    """The reason why an archive with these entries can't be built; None if it can."""
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        return zip_reasons.ENCRYPTED
    if reason := check_sizes([entry.file_size for entry in entries], lambda place: path_of(entries[place])):
        return reason
    for entry in entries:
        if entry.compress_type not in SUPPORTED:
            return zip_reasons.unsupported(
                shown(path_of(entry)), METHODS.get(entry.compress_type, str(entry.compress_type))
            )
    tree = [(path, entry) for entry in entries if (path := path_of(entry))]
    return check_names(tree) or check_dockerfile(tree, tuple(dockerfile.encode().split(b"/")))


def check_amount(files: Sequence[tuple[bytes, int]]) -> Reason | None:
    """The reason why files with these names and sizes (in bytes) are too much for one zip; None if they aren't."""
    if sum(SMALLEST_RECORD + len(name) for name, _ in files) > MOST_BYTES:
        return zip_reasons.TOO_MANY
    return check_sizes([size for _, size in files], lambda place: tuple(files[place][0].split(b"/")))


def check_sizes(sizes: Sequence[int], path_at: Callable[[int], Path]) -> Reason | None:
    """The reason why files of these sizes (in bytes) are too large, or None. `path_at` returns a path by its index."""
    if sum(sizes) <= MOST_DECLARED_BYTES and max(sizes, default=0) <= LARGEST_FILE:
        return None
    largest = max(range(len(sizes)), key=lambda place: sizes[place])
    name = shown(path_at(largest))
    return zip_reasons.file_too_large(name) if sizes[largest] > LARGEST_FILE else zip_reasons.unpacks_too_large(name)


def check_names(tree: Tree) -> Reason | None:
    """The reason why these entries can't be unpacked into one folder on Linux, or None."""
    for path, _ in tree:
        name = b"/".join(path)
        if b"\0" in name or len(name) > LONGEST_PATH or len(path) > DEEPEST or max(map(len, path)) > LONGEST_NAME:
            return zip_reasons.impossible_name(shown(path))
    ordered = sorted(tree, key=lambda each: each[0])
    for (path, entry), (following, other) in pairwise(ordered):
        if following == path and not same(entry, other):
            return zip_reasons.stands_twice(shown(path))
        if following[: len(path)] == path != following and kind_of(entry) != "folder":
            return zip_reasons.stands_twice(shown(path))
    return None


def same(one: ZipInfo, other: ZipInfo) -> bool:
    """Whether two entries with one path are the same. Two folders are."""
    if kind_of(one) == kind_of(other) == "folder":
        return True
    return (kind_of(one), one.CRC, one.file_size) == (kind_of(other), other.CRC, other.file_size)


def check_dockerfile(tree: Tree, dockerfile: Path) -> Reason | None:
    """The reason why there is no usable Dockerfile, with a hint; None if there is one."""
    source = source_folder(tree)
    place = (*source, *dockerfile)
    if any(path[: len(place)] == place and (path != place or kind_of(entry) != "file") for path, entry in tree):
        return zip_reasons.NOT_REGULAR
    if any(path == place for path, _ in tree):
        return None
    files = [path for path, entry in tree if kind_of(entry) == "file"]
    return zip_reasons.no_dockerfile(b"/".join(dockerfile).decode(), hint(files, source, place))


def hint(files: list[Path], source: Path, place: Path) -> str | None:
    """A hint, from the files that are there instead of a Dockerfile."""
    wanted = place[-1]
    similar = {wanted.lower(), wanted.lower() + b".txt"}
    misspelled = [path for path in files if path[:-1] == place[:-1] and path[-1].lower() in similar]
    if misspelled:
        return zip_reasons.rename(shown(misspelled[0]), shown((wanted,)))
    deeper = [path for path in files if path[-1] == wanted and not NOT_FOR_THE_IMAGE.intersection(path)]
    if deeper:
        nearest = min(deeper, key=len)
        from_source = nearest[len(source) :] if nearest[: len(source)] == source else None
        return zip_reasons.elsewhere(shown(nearest[:-1]), shown(from_source) if from_source else None)
    archives = [path for path in files if path[:-1] in {(), source} and path[-1].lower().endswith(b".zip")]
    return zip_reasons.zip_inside(shown(archives[0])) if len(archives) == 1 else None


def shown(path: Path) -> str:
    """The path as text, shortened for a sentence."""
    text = b"/".join(path).decode(errors="replace")
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def source_folder(tree: Tree) -> Path:
    """The folder that holds the source: the top, or the only folder there beside `__MACOSX` and dot-files.

    The builder calls this as well.
    """
    top = {path[0] for path, _ in tree if not path[0].startswith(b".")} - {b"__MACOSX"}
    if len(top) != 1:
        return ()
    (name,) = top
    is_folder = all(len(path) > 1 or kind_of(entry) == "folder" for path, entry in tree if path[0] == name)
    return (name,) if is_folder else ()
