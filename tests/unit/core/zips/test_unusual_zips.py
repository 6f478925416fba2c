"""Honest zips that few tools make: ZIP64, long comments, something before the zip or behind it."""

import pytest

from tests.support.served import Served, code
from tests.support.unusual_zips import CHANGES, Change, zip64
from tests.support.zips import zipped

GOOD = zipped({"Dockerfile": "FROM scratch\n", "src/main.py": "print()\n"})
BAD = zipped({"main.py": "print()\n"})


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_unusual_zip_is_read_with_one_request_like_any_other(change: Change) -> None:
    served = Served(change(GOOD))

    assert served.content != GOOD
    assert served.check() is None
    assert len(served.requests) == 1
    assert code(change(BAD)) == "no-dockerfile"


def test_a_zip_in_several_parts_is_damaged() -> None:
    archive = bytearray(zip64(GOOD))
    archive[-22 - 4] = 2  # how many there are

    assert code(bytes(archive)) == "zip-damaged"


def test_names_in_a_zip_from_before_utf_8_are_read() -> None:
    archive = zipped({"gr??e/Dockerfile": "FROM scratch\n"}).replace(b"gr??e", "größe".encode("cp437"))

    assert code(archive) is None
