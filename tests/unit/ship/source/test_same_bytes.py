"""The same content gives the same bytes, whatever else differs."""

import io
import os
import struct
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.trees import write
from tests.unit.ship.support.packed import SOURCE, packed


def test_two_folders_of_the_same_content_give_the_same_zip(tmp_path: Path) -> None:
    one = write(tmp_path / "one", SOURCE)
    other = write(tmp_path / "other", dict(reversed(SOURCE.items())))

    assert packed(one) == packed(other)


def test_dates_do_not_count(tmp_path: Path) -> None:
    folder = write(tmp_path, SOURCE)
    before = packed(folder)
    for number, path in enumerate(folder.rglob("*")):
        os.utime(path, (number * 10**8, number * 10**8))

    assert packed(folder) == before


def test_of_modes_only_the_owner_s_exec_bit_counts(tmp_path: Path) -> None:
    folder = write(tmp_path, SOURCE)
    before = packed(folder)
    for name, mode in {
        "bin/run": 0o4700,
        "bin/tool": 0o600,
        "src/main.py": 0o666,
        "empty": 0o700,
        "src": 0o777,
    }.items():
        (folder / name).chmod(mode)

    assert packed(folder) == before

    (folder / "bin/tool").chmod(0o744)

    assert packed(folder) != before


@pytest.mark.parametrize("change", [{"src/main.py": "print(1)\n"}, {"src/other.py": ""}, {"src/other/": ""}])
def test_another_content_gives_another_zip(change: dict[str, str], tmp_path: Path) -> None:
    one, other = write(tmp_path / "one", SOURCE), write(tmp_path / "other", SOURCE | change)

    assert packed(one) != packed(other)


@pytest.mark.parametrize(("before", "after"), [("v1", "v2"), ("", " "), ("abc\n", "abd\n")])
def test_a_changed_file_has_another_date_so_that_what_goes_by_date_and_size_sees_it(
    tmp_path: Path, before: str, after: str
) -> None:
    (tmp_path / "other.css").write_text("the same")
    (tmp_path / "index.html").write_text(before)
    (first,) = dates(packed(tmp_path))
    (tmp_path / "index.html").write_text(after)
    (second,) = dates(packed(tmp_path))

    assert first != second
    assert datetime(1980, 1, 1) <= first < datetime(1998, 1, 1)  # noqa: DTZ001  # zips have no zones


def dates(content: bytes) -> set[datetime]:
    """The dates in a zip's directory, and in the headers of its entries."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        listed = archive.infolist()
    assert listed
    headers = [struct.unpack_from("<HH", content, entry.header_offset + 10) for entry in listed]
    return {datetime(*entry.date_time) for entry in listed} | {  # noqa: DTZ001
        datetime(1980 + (day >> 9), day >> 5 & 15, day & 31, time >> 11, time >> 5 & 63, (time & 31) * 2)  # noqa: DTZ001
        for time, day in headers
    }
