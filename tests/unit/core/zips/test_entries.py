"""How an entry of a zip is read: its name by the flags and the system that wrote it, and what it is."""

import struct
import zipfile
import zlib
from io import BytesIO
from zipfile import ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.zips.entries import DARWIN, FAT, IS_UTF_8, UNIX, kind_of, path_of
from tests.support.zips import LINK

NTFS = 10
NAIVE = "na\u00efve.txt"


def entry(
    raw: bytes, system: int = UNIX, flags: int = 0, *, mode: int = 0, extra: bytes = b"", content: bytes = b""
) -> ZipInfo:
    """The entry of a zip that has this name in it, as Python reads it."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        made = ZipInfo("x" * len(raw))
        made.create_system, made.external_attr, made.extra = system, mode, extra
        archive.writestr(made, content)
    content = buffer.getvalue().replace(b"x" * len(raw), raw)
    central = content.index(b"PK\1\2") + 8
    content = content[:central] + struct.pack("<H", flags) + content[central + 2 :]
    return zipfile.ZipFile(BytesIO(content)).infolist()[0]


def unicode_extra(raw: bytes, name: bytes, version: int = 1) -> bytes:
    """Info-ZIP's extra field with the name in UTF-8."""
    return struct.pack("<HHBL", 0x7075, len(name) + 5, version, zlib.crc32(raw)) + name


# Its name


@pytest.mark.parametrize("system", [FAT, UNIX, DARWIN, NTFS])
def test_a_flagged_name_is_utf_8_whoever_wrote_it(system: int) -> None:
    assert path_of(entry(NAIVE.encode(), system, IS_UTF_8)) == (NAIVE.encode(),)


@pytest.mark.parametrize("system", [UNIX, DARWIN])
@pytest.mark.parametrize("raw", [NAIVE.encode(), NAIVE.encode("latin-1"), b"na\x8bve.txt", b"\xff\xfe"])
def test_an_unflagged_name_of_a_unix_is_its_bytes(system: int, raw: bytes) -> None:
    assert path_of(entry(raw, system)) == (raw,)


@pytest.mark.parametrize("system", [FAT, NTFS])
def test_an_unflagged_name_of_windows_is_in_utf_8_where_that_is_valid(system: int) -> None:
    assert path_of(entry(NAIVE.encode(), system)) == (NAIVE.encode(),)


@pytest.mark.parametrize("system", [FAT, NTFS])
def test_another_unflagged_name_of_windows_is_in_code_page_437(system: int) -> None:
    assert path_of(entry(b"na\x8bve.txt", system)) == (NAIVE.encode(),)


@pytest.mark.parametrize("system", [FAT, UNIX])
def test_a_name_in_utf_8_beside_the_name_counts(system: int) -> None:
    assert path_of(entry(b"na?ve.txt", system, extra=unicode_extra(b"na?ve.txt", NAIVE.encode()))) == (NAIVE.encode(),)


@pytest.mark.parametrize(
    "extra",
    [
        unicode_extra(b"older", NAIVE.encode()),
        unicode_extra(b"na?ve.txt", NAIVE.encode(), version=2),
        struct.pack("<HH", 0x5455, 0),
        b"\0\0\0",
    ],
    ids=["of another name", "of another version", "another field", "cut"],
)
def test_a_name_in_utf_8_that_is_not_of_this_entry_does_not_count(extra: bytes) -> None:
    assert path_of(entry(b"na?ve.txt", extra=extra)) == (b"na?ve.txt",)


# Its path


@pytest.mark.parametrize("written", [b"a/b", b"./a/b", b"/a/b", b"../a/b", b"a/../b", b"a//b", b"../../a/./b"])
def test_a_path_stays_below_its_folder_whatever_the_name_says(written: bytes) -> None:
    assert path_of(entry(written)) == (b"a", b"b")


@pytest.mark.parametrize("written", [b"/", b"./", b"../", b"..", b"."])
def test_a_name_may_name_the_folder_itself(written: bytes) -> None:
    assert path_of(entry(written)) == ()


@given(st.binary(min_size=1, max_size=40).filter(lambda raw: b"PK" not in raw), st.sampled_from([FAT, UNIX, NTFS]))
def test_no_name_leads_out_of_the_folder(raw: bytes, system: int) -> None:
    made = ZipInfo(raw.decode("cp437"))
    made.create_system = system

    assert not {b"", b".", b".."}.intersection(path_of(made))
    assert all(b"/" not in part for part in path_of(made))


def test_a_backslash_of_fat_separates_folders_where_no_slash_does() -> None:
    assert path_of(entry(b"a\\b", FAT)) == (b"a", b"b")
    assert path_of(entry(b"a\\b/c", FAT)) == (b"a\\b", b"c")
    assert path_of(entry(b"a\\b", UNIX)) == (b"a\\b",)


# What it is


@pytest.mark.parametrize(
    ("raw", "system", "mode", "kind"),
    [
        (b"a", UNIX, 0o100644 << 16, "file"),
        (b"a", FAT, 0, "file"),
        (b"a/", UNIX, 0, "folder"),
        (b"a/", UNIX, LINK, "folder"),
        (b"a\\", FAT, 0, "folder"),
        (b"a\\", UNIX, 0, "file"),
        (b"a", UNIX, LINK, "link"),
        (b"a", UNIX, 0o010644 << 16, "file"),
        (b"a", UNIX, 0o040755 << 16, "folder"),
        (b"a", FAT, 0x10, "folder"),
        (b"a", NTFS, 0x10, "folder"),
        (b"a", UNIX, 0o100644 << 16 | 0x10, "file"),
    ],
)
def test_an_entry_is_a_file_a_folder_or_a_link(raw: bytes, system: int, mode: int, kind: str) -> None:
    assert kind_of(entry(raw, system, mode=mode)) == kind


@pytest.mark.parametrize("mode", [0o040755 << 16, 0x10])
def test_what_has_content_is_a_file_though_it_is_told_to_be_a_folder(mode: int) -> None:
    assert kind_of(entry(b"a", mode=mode, content=b"content")) == "file"
