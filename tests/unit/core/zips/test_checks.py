"""An archive that can't be built is known by its directory and gets a reason; what can't be read gets none."""

import io
import tarfile
import zipfile
from collections.abc import Mapping

import pytest

from core.zips import checks, zip_reasons
from core.zips.ranged_reader import MIB
from tests.support.served import Served, code
from tests.support.zips import Link, encrypted, zipped
from tests.unit.core.zips.support.good_zip import GIB, GOOD

DIRECTORY = GOOD.index(b"PK\1\2")
END = GOOD.index(b"PK\5\6")


def tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("Dockerfile"))
    return buffer.getvalue()


def declared(*sizes: int) -> bytes:
    """A zip whose directory declares these sizes; above 4 GiB it takes ZIP64's form for it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("Dockerfile", *(f"zeros-{each}" for each in range(1, len(sizes)))):
            archive.writestr(name, "")
        for entry, size in zip(archive.filelist, sizes, strict=True):
            entry.file_size = size
    return buffer.getvalue()


def directory_of(mebibytes: int) -> bytes:
    """A zip whose directory is a little larger than that, by the comments of its entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("Dockerfile", "FROM scratch\n")
        for number in range(mebibytes * 16):
            entry = zipfile.ZipInfo(f"file-{number}")
            entry.comment = bytes(MIB // 16 - 1)
            archive.writestr(entry, "")
    return buffer.getvalue()


def changed(place: int, *values: int) -> bytes:
    """The good zip with other bytes at one place."""
    return GOOD[:place] + bytes(values) + GOOD[place + len(values) :]


def twice(first: str, second: str, name: str = "main.py", other: str = "main.pY") -> bytes:
    """A zip in which two entries have the same name."""
    return beside({name: first, other: second}).replace(other.encode(), name.encode())


def beside(files: Mapping[str, str]) -> bytes:
    """A zip of these files beside a Dockerfile."""
    return zipped({"Dockerfile": "FROM scratch\n", **files})


LONGEST = ["\u5199" * 85, "x" * 255, "/".join(["x" * 199] * 20) + "x", "d/" * 99 + "x"]
CODES: dict[str, tuple[bytes, str | None]] = {
    "stored": (zipped({"Dockerfile": "FROM scratch\n"}, compression=zipfile.ZIP_STORED), None),
    "deflated": (GOOD, None),
    "nothing": (b"", "not-a-zip"),
    "two bytes": (b"PK", "not-a-zip"),
    "a page": (b"<html>", "not-a-zip"),
    "a tar": (tar(), "not-a-zip"),
    "a byte cut": (GOOD[:-1], "not-a-zip"),
    "no end": (GOOD[:END], "not-a-zip"),
    "no directory and no end": (GOOD[:DIRECTORY], "not-a-zip"),
    "zeros": (bytes(100_000), "not-a-zip"),
    "a password": (encrypted(), "encrypted"),
    "a password, and no Dockerfile": (encrypted().replace(b"Dockerfile", b"Elsewheres"), "encrypted"),
    "the directory isn't where the end says": (changed(DIRECTORY, 0), "zip-damaged"),
    "it needs a version of zip that there isn't": (changed(DIRECTORY + 6, 99), "zip-damaged"),
    "a name isn't UTF-8": (changed(DIRECTORY + 9, 8, *GOOD[DIRECTORY + 10 : DIRECTORY + 46], 0xFF), "zip-damaged"),
    "the directory is shorter than the end says": (changed(END + 12, 0xFF), "zip-damaged"),
    "there is no directory": (GOOD[:DIRECTORY] + GOOD[END:], "zip-damaged"),
    "8 GiB": (declared(*[2 * GIB] * 4, 0), None),
    "more than 8 GiB": (declared(*[2 * GIB] * 4, 1), "too-large"),
    "more than 8 GiB, and no Dockerfile": (declared(9 * GIB).replace(b"Dockerfile", b"Elsewheres"), "too-large"),
    "a file of 2 GiB": (declared(0, 2 * GIB), None),
    "a file above 2 GiB": (declared(0, 2 * GIB + 1), "too-large"),
    "a directory of 3 MiB": (directory_of(3), None),
    "a directory above 4 MiB": (directory_of(4), "too-many-entries"),
    **{f"a name as long as Linux takes, {number}": (beside({name: ""}), None) for number, name in enumerate(LONGEST)},
    "a zero in a name": (beside({"ab?cd": ""}).replace(b"ab?cd", b"ab\0cd"), "zip-damaged"),
    "an entry twice with the same content": (twice("same", "same"), None),
    "a Dockerfile twice": (twice("FROM old", "FROM new", "app/Dockerfile", "app/dockerfile"), "zip-damaged"),
    "a folder twice": (beside({"a/": "", "a//": "", "a/b/": "", "a/b/c": ""}), None),
    # Names that are two things
    "a file, then a folder": (beside({"a": "", "a/b": ""}), "zip-damaged"),
    "a folder, then a file": (beside({"a/b": "", "a": ""}), "zip-damaged"),
    "a link and a folder": (beside({"a": Link("b"), "a/b": ""}), "zip-damaged"),
    "a file and an empty folder": (beside({"a": "", "a/": ""}), "zip-damaged"),
    "a link and a file": (beside({"a": Link("b"), "./a": ""}), "zip-damaged"),
    "two files in one place": (beside({"x/../a": "1", "x/a": "2"}), "zip-damaged"),
}


@pytest.mark.parametrize(("content", "expected"), CODES.values(), ids=CODES)
def test_whether_a_zip_can_be_built(content: bytes, expected: str | None) -> None:
    assert code(content) == expected


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ([0, 1, 2 * GIB + 1], "zeros-2 is larger than 2 GiB."),
        ([0, 9 * GIB, 3 * GIB], "zeros-1 is larger than 2 GiB."),
        ([GIB, *[2 * GIB] * 4], "The zip unpacks to more than 8 GiB. The largest file is zeros-1."),
    ],
)
def test_of_what_unpacks_to_too_much_the_largest_file_is_named(sizes: list[int], words: str) -> None:
    assert str(Served(declared(*sizes)).check()).startswith(f"too-large: {words}")


def test_a_folders_files_can_be_judged_before_there_is_a_zip() -> None:
    longest = b"a" * 210
    fitting = 4 * MIB // (46 + len(longest))  # exactly

    assert checks.check_amount([]) is None
    assert checks.check_amount([(longest, 1)] * fitting) is None
    assert checks.check_amount([(longest, 1)] * (fitting + 1)) is zip_reasons.TOO_MANY
    assert str(checks.check_amount([(b"a/b", 2 * GIB + 1)])).startswith("too-large: a/b is larger")


@pytest.mark.parametrize(
    ("method", "name"),
    [
        (9, "Deflate64"),
        (12, "bzip2"),
        (14, "LZMA"),
        (93, "Zstandard"),
        (95, "XZ"),
        (97, "WavPack"),
        (98, "PPMd"),
        (1, "1"),
        (99, "99"),
    ],
)
def test_a_compression_that_the_builder_cannot_read_is_named_and_rejected(method: int, name: str) -> None:
    content = bytearray(zipped({"Dockerfile": "FROM scratch\n", "conf/long.txt": "x"}))
    content[content.rindex(b"PK\1\2") + 10] = method

    assert reason(content) == f"zip-damaged: conf/long.txt is compressed by {name} which is not supported. Use Deflate."


# Names that can't stand in a folder of Linux


def reason(content: bytes | bytearray) -> str:
    return str(Served(bytes(content)).check())


@pytest.mark.parametrize(
    "name",
    ["\u5199" * 86, "a/" + "\u5199" * 86 + "/main.py", "x" * 256, "/".join(["x" * 199] * 20) + "xx", "d/" * 100 + "x"],
)
def test_a_name_that_linux_can_not_hold_is_rejected(name: str) -> None:
    found = reason(beside({name: ""}))

    assert found.startswith(f"zip-damaged: The name {name[:60]}")
    assert found.endswith("Shorten it.")


def test_an_entry_that_stands_twice_with_other_content_is_rejected() -> None:
    assert (
        reason(twice("old", "new")) == "zip-damaged: The zip holds main.py twice and not the same. Make the zip again."
    )


def test_an_archive_above_the_largest_that_is_taken_is_not_read() -> None:
    served = Served(bytes(2 * MIB + 1))
    rejection = checks.check(2 * MIB + 1, served.fetch, most_mib=2)

    assert str(rejection).startswith("too-large: The zip is larger than 2 MiB.")
    assert served.requests == []


def test_the_largest_archive_is_taken() -> None:
    padded = bytes(2 * MIB - len(GOOD)) + GOOD

    assert checks.check(2 * MIB, Served(padded).fetch, most_mib=2) is None
