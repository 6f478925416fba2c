"""How much of an archive is read, and what if it can't be read now."""

import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from core.zips import checks, ranged_reader
from core.zips.ranged_reader import MIB, UnansweredError
from tests.support.served import Served, code
from tests.support.zips import zipped
from tests.unit.core.zips.support.good_zip import GIB, GOOD

# How much is read


def with_entries(number: int) -> bytes:
    return zipped({"Dockerfile": "FROM scratch\n"} | {f"src/module_{each}.py": "" for each in range(number - 1)})


@pytest.mark.parametrize(("entries", "requests"), [(2, 1), (500, 1), (5000, 2)])
def test_an_archive_takes_few_requests(entries: int, requests: int) -> None:
    served = Served(with_entries(entries))

    assert served.check() is None
    assert len(served.requests) == requests


def test_an_empty_archive_takes_no_request() -> None:
    served = Served(b"")
    served.check()

    assert served.requests == []


def test_the_content_of_an_archive_is_not_read() -> None:
    large = zipped({"large": bytes(3 * MIB), "Dockerfile": "FROM scratch\n"}, compression=zipfile.ZIP_STORED)
    served = Served(large)

    assert served.check() is None
    assert served.read == ranged_reader.TAIL


class Large(bytes):
    """A zip behind a gibibyte that nobody has written."""

    def __len__(self) -> int:
        return GIB + super().__len__()

    def __getitem__(self, place: Any) -> Any:
        before = bytes(max(0, min(place.stop, GIB) - place.start))
        return before + super().__getitem__(slice(max(0, place.start - GIB), max(0, place.stop - GIB)))


def test_of_a_gibibyte_less_than_a_mebibyte_is_read_in_one_request() -> None:
    served = Served(Large(zipped({"README.md": "no Dockerfile"})))
    rejection = checks.check(len(served.content), served.fetch, most_mib=5120)

    assert rejection is not None
    assert rejection.code == "no-dockerfile"
    assert len(served.requests) == 1
    assert served.read <= MIB


# What isn't answered


def failing(error: Exception) -> Callable[[int, int], bytes]:
    def fail(_start: int, _stop: int) -> bytes:
        raise error

    return fail


# The last four are what check takes for a damaged directory where zipfile raises it.
KINDS = [OSError, TimeoutError, ConnectionResetError, ValueError, EOFError, OverflowError, NotImplementedError]


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_that_can_t_be_read_now_is_not_judged(kind: type[Exception]) -> None:
    error = kind()
    with pytest.raises(UnansweredError) as raised:
        checks.check(len(GOOD), failing(error), most_mib=1)

    assert raised.value.__cause__ is error


def test_an_archive_whose_beginning_can_t_be_read_now_is_not_judged() -> None:
    served = Served(with_entries(5000))

    def fetch(start: int, stop: int) -> bytes:
        if served.requests:
            raise TimeoutError
        return served.fetch(start, stop)

    with pytest.raises(UnansweredError):
        checks.check(len(served.content), fetch, most_mib=1)


@pytest.mark.parametrize("kind", [RuntimeError, KeyError])
def test_an_unexpected_error_of_reading_passes_through(kind: type[Exception]) -> None:
    error = kind()
    with pytest.raises(kind) as raised:
        checks.check(len(GOOD), failing(error), most_mib=1)

    assert raised.value is error


# A zip that is made to cost much


@pytest.mark.parametrize(
    "names",
    [["a/" * 32_000 + "b"], [f"{each:03}/" + "a/" * 90 + "b" * 250 for each in range(1000)]],
    ids=["one name", "many"],
)
def test_long_names_take_little_memory(names: list[str]) -> None:
    content = zipped(dict.fromkeys(["Dockerfile", *names], ""))
    tracemalloc.start()
    code(content)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert most < 64 * MIB
