"""Whatever an upload holds, the check answers, and reads no more of it than is allowed."""

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from core.zips.ranged_reader import MIB
from tests.support.served import Served
from tests.support.unusual_zips import END, zip64
from tests.support.zips import Link, encrypted, zipped

CODES = {"not-a-zip", "encrypted", "no-dockerfile", "too-many-entries", "too-large", "zip-damaged"}
GOOD = zipped({"Dockerfile": "FROM scratch\n", "größe/main.py": "", "link": Link("elsewhere")})
BASES = [GOOD, zip64(GOOD), encrypted(), zipped({}), GOOD + b"\r\n"]
LARGE = bytes(5 * MIB)

shorts = st.sampled_from([0, 1, 0xFFFF]) | st.integers(0, 0xFFFF)
longs = st.sampled_from([0, 22, 4 * MIB, 0xFFFFFFFF]) | st.integers(0, 6 * MIB)
longest = longs | st.integers(0, 2**64 - 1)


def is_answered(content: bytes) -> None:
    """The check gives nothing or one of its reasons, and keeps to its limits."""
    served = Served(content)
    rejection = served.check()

    assert rejection is None or rejection.code in CODES
    assert len(served.requests) <= 20
    assert served.read <= 4 * MIB


@st.composite
def corrupted(draw: st.DrawFn) -> bytes:
    """A zip with some bytes changed, or a part of it."""
    content = bytearray(draw(st.sampled_from(BASES)))
    for place in draw(st.lists(st.integers(1, len(content)), max_size=6)):
        content[-place] = draw(st.integers(0, 255))
    start = draw(st.just(0) | st.integers(0, len(content)))
    stop = draw(st.just(len(content)) | st.integers(start, len(content)))
    return bytes(content[start:stop])


@settings(max_examples=10 * settings().max_examples)
@given(corrupted())
def test_a_corrupted_zip_is_answered(content: bytes) -> None:
    is_answered(content)


@given(st.binary(max_size=200), st.binary(max_size=100))
def test_any_bytes_are_answered(start: bytes, end: bytes) -> None:
    is_answered(start + end)
    is_answered(start + b"PK\5\6" + end)
    is_answered(start + GOOD[GOOD.index(b"PK\1\2") :] + end)


@given(shorts, shorts, longs, longs, shorts)
def test_any_end_of_a_large_file_is_answered(disk: int, entries: int, size: int, start: int, comment: int) -> None:
    is_answered(LARGE + GOOD + struct.pack(END, b"PK\5\6", disk, disk, entries, entries, size, start, comment))


@given(shorts, longest, longest, longest, longest)
def test_any_zip64_end_of_a_large_file_is_answered(disk: int, entries: int, size: int, start: int, place: int) -> None:
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, disk, disk, entries, entries, size, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", disk, place, 1)
    end = struct.pack(END, b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)

    is_answered(LARGE + GOOD + record + locator + end)
