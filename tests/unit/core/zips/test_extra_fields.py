"""A crafted directory takes no more work than an honest one: measured in operations, not in seconds."""

import io
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from core.zips import extra_fields, ranged_reader
from core.zips.ranged_reader import MOST_BYTES
from tests.support.served import Served, code
from tests.support.zips import zipped

ENTRY, END = struct.Struct("<4s4B4HL2L5H2L"), struct.Struct("<4s4H2LH")
EMPTY = struct.pack("<HH", 0x9999, 0)
TIME = struct.pack("<HH5s", 0x5455, 5, b"\1time")
OWNER = struct.pack("<HH11s", 0x7875, 11, b"\1\4user\4grp")
NAME_OF_ANOTHER = struct.pack("<HHBL4s", 0x7075, 9, 1, 0, b"name")
LONGEST_EXTRA = 0xFFFF
ROOM = MOST_BYTES // 16
"""The directories here have a sixteenth of what the check reads: all of it takes the profiler half a minute."""


def entry(name: bytes, extra: bytes) -> bytes:
    """The header of an empty file in a central directory."""
    lengths = (len(name), len(extra), 0, 0, 0)
    return ENTRY.pack(b"PK\1\2", 20, 3, 20, 0, 0, 0, 0, 0x21, 0, 0, 0, *lengths, 0, 0) + name + extra


def filled(extra: bytes, name: Callable[[int], bytes] = lambda number: b"%05d" % number) -> bytes:
    """A zip that is all directory: as many entries with this extra as the check reads."""
    entries = range(ROOM // len(entry(name(0), extra)))
    directory = b"".join(entry(name(each), extra) for each in entries)
    return directory + END.pack(b"PK\5\6", 0, 0, len(entries), len(entries), len(directory), 0, 0)


@dataclass
class Work:
    """What a call did: how many functions it called, and how many extra fields zipfile parsed."""

    calls: int = 0
    parsed: int = 0


@contextmanager
def measured() -> Iterator[Work]:
    """Counts while the block runs."""
    work = Work()

    def note(frame: Any, event: str, argument: Any) -> None:
        work.calls += event in {"call", "c_call"}
        work.parsed += event == "c_call" and argument is struct.unpack and frame.f_code.co_name == "_decodeExtra"

    sys.setprofile(note)
    try:
        yield work
    finally:
        sys.setprofile(None)


def checked(content: bytes) -> Work:
    """The work that the check of an archive is."""
    with measured() as work:
        Served(content).check()
    return work


def padded(*fields: bytes) -> bytes:
    """These fields, and a last one that fills the longest extra there is."""
    left = LONGEST_EXTRA - len(b"".join(fields)) - len(EMPTY)
    return b"".join(fields) + struct.pack(f"<HH{left}s", 0x9999, left, b"")


HOSTILE = {
    "the longest extras full of empty fields": filled(EMPTY * (LONGEST_EXTRA // len(EMPTY))),
    "as many empty fields as there may be": filled(EMPTY * extra_fields.MOST),
    "one empty field more": filled(EMPTY * (extra_fields.MOST + 1)),
    "the longest extras": filled(padded(*[EMPTY] * (extra_fields.MOST - 1))),
    "names of others": filled(NAME_OF_ANOTHER * extra_fields.MOST),
    "long names, and extras full of names of others": filled(
        NAME_OF_ANOTHER * 2000, name=lambda number: b"%05d" % number + b"x" * 30_000
    ),
    "deep names": filled(b"", name=lambda number: b"%05d/" % number + b"/" * 60_000),
}


@pytest.fixture(scope="module")
def honest() -> Work:
    """What an honest directory of that size takes, with entries as Info-ZIP writes them."""
    return checked(filled(TIME + OWNER, name=lambda number: b"node_modules/%05d/package/index.js" % number))


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_crafted_directory_takes_little_more_than_an_honest_one_of_its_size(honest: Work, content: bytes) -> None:
    work = checked(content)

    assert work.calls < 5 * honest.calls
    # zipfile parses no extra that it would copy often; of a name beside the name it unpacks two parts
    assert work.parsed / content.count(b"PK\1\2") <= 2 * extra_fields.MOST


def test_the_measure_sees_what_zipfile_parses() -> None:
    with measured() as work:
        zipfile.ZipFile(io.BytesIO(filled(TIME + OWNER))).close()

    assert work.parsed == 2 * filled(TIME + OWNER).count(b"PK\1\2")


@pytest.mark.parametrize(("fields", "expected"), [(extra_fields.MOST, None), (extra_fields.MOST + 1, "zip-damaged")])
def test_an_entry_with_more_fields_than_archivers_write_damages_its_zip(fields: int, expected: str | None) -> None:
    buffer = io.BytesIO(zipped({"Dockerfile": "FROM scratch\n"}))
    with zipfile.ZipFile(buffer, "a") as archive:
        added = zipfile.ZipInfo("last")
        added.extra = EMPTY * fields
        archive.writestr(added, "")

    assert code(buffer.getvalue()) == expected


@pytest.mark.parametrize("content", [b"", b"PK\1\2", b"no directory" * 10, entry(b"a", EMPTY * 5)[:-3]])
def test_other_bytes_and_torn_directories_are_left_to_zipfile(content: bytes) -> None:
    assert not extra_fields.are_too_many(content)


def test_a_directory_is_searched_to_its_end() -> None:
    many = entry(b"z", EMPTY * (extra_fields.MOST + 1))

    assert extra_fields.are_too_many(entry(b"a", TIME) * 100 + many)
    assert not extra_fields.are_too_many(entry(b"a", TIME) * 100)


def test_a_read_that_is_no_directory_passes_through() -> None:
    assert ranged_reader.DirectoryReader(4, lambda start, stop: b"none"[start:stop]).read() == b"none"
