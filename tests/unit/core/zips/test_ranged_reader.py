"""RangedReader reads as a file does, in few requests, and gives up where it would read too much."""

import hashlib
import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.zips.ranged_reader import MOST_BYTES, MOST_REQUESTS, TAIL, RangedReader, TooMuchError, UnansweredError
from tests.support.served import Served

BEYOND = TAIL + 10_000
CONTENT = hashlib.shake_128(b"no part of it is like another").digest(BEYOND)

# The places where something else happens, and any other.
sizes = st.sampled_from([0, 1, TAIL - 1, TAIL, TAIL + 1, BEYOND])
places = st.sampled_from([0, 1, BEYOND - TAIL - 1, BEYOND - TAIL, BEYOND, BEYOND + 1]) | st.integers(0, BEYOND)
lengths = st.sampled_from([-1, None, 0, 1, 22, BEYOND]) | st.integers(0, BEYOND)
moves = st.tuples(places, st.sampled_from([os.SEEK_SET, os.SEEK_CUR, os.SEEK_END]), lengths)


def reader_of(served: Served) -> RangedReader:
    return RangedReader(len(served.content), served.fetch)


@given(sizes, st.lists(moves, max_size=MOST_REQUESTS))
def test_a_ranged_reader_reads_as_a_file_does(size: int, several: list[tuple[int, int, int | None]]) -> None:
    file, reader = io.BytesIO(CONTENT[:size]), reader_of(Served(CONTENT[:size]))
    for place, whence, length in several:
        offset = place - {os.SEEK_SET: 0, os.SEEK_CUR: file.tell(), os.SEEK_END: size}[whence]

        assert reader.seek(offset, whence) == file.seek(offset, whence)
        assert reader.read(length) == file.read(length)
        assert reader.tell() == file.tell()


def test_a_ranged_reader_can_be_read_and_sought_and_not_written() -> None:
    reader = reader_of(Served(b"abc"))

    assert (reader.readable(), reader.seekable(), reader.writable()) == (True, True, False)


@pytest.mark.parametrize("whence", [os.SEEK_SET, os.SEEK_CUR, os.SEEK_END])
def test_seeking_before_the_beginning_is_an_error_and_moves_nothing(whence: int) -> None:
    reader = reader_of(Served(b"abc"))
    reader.seek(1)
    with pytest.raises(OSError, match="before the beginning"):
        reader.seek(-4, whence)

    assert reader.tell() == 1


# Requests


def test_the_tail_of_an_upload_is_requested_once() -> None:
    served = Served(CONTENT)
    reader = reader_of(served)
    for place in (BEYOND - TAIL, BEYOND - 22, BEYOND - 1):
        reader.seek(place)
        reader.read()

    assert served.requests == [(BEYOND - TAIL, BEYOND)]


def test_bytes_before_the_tail_are_requested_as_they_are_read() -> None:
    served = Served(CONTENT)
    reader = reader_of(served)
    reader.seek(5)
    reader.read(10)
    reader.read(BEYOND)

    assert served.requests == [(5, 15), (15, BEYOND)]


@pytest.mark.parametrize("content", [b"", b"abc"])
def test_a_ranged_reader_at_its_end_requests_nothing(content: bytes) -> None:
    served = Served(content)
    reader = reader_of(served)
    for place in (len(content), len(content) + 1):
        reader.seek(place)
        reader.read()
    reader.seek(0)
    reader.read(0)

    assert served.requests == []


def test_a_ranged_reader_requests_no_more_than_20_times() -> None:
    served = Served(CONTENT)
    reader = reader_of(served)
    for _ in range(20):
        reader.read(1)
    with pytest.raises(TooMuchError):
        reader.read(1)

    assert len(served.requests) == 20
    assert reader.tell() == 20


def test_a_ranged_reader_requests_no_more_than_4_mib() -> None:
    served = Served(bytes(MOST_BYTES + TAIL))
    reader = reader_of(served)
    reader.read(4 * 1024 * 1024 - 1)
    reader.read(1)
    with pytest.raises(TooMuchError):
        reader.read(1)

    assert served.read == 4 * 1024 * 1024


def test_a_ranged_reader_does_not_request_the_first_part_of_what_is_too_much() -> None:
    served = Served(bytes(MOST_BYTES + TAIL))
    with pytest.raises(TooMuchError):
        reader_of(served).read(MOST_BYTES + 1)

    assert served.requests == []


# A request that fails


@pytest.mark.parametrize("kind", [OSError, TimeoutError, ConnectionResetError])
def test_a_request_that_is_not_answered_is_no_end_of_the_file(kind: type[OSError]) -> None:
    def fail(_start: int, _stop: int) -> bytes:
        raise kind("the line is dead")

    with pytest.raises(UnansweredError, match=r"bytes 0 to 5 .*: the line is dead"):
        RangedReader(5, fail).read()
