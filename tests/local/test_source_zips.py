"""Source zips: of a folder, of a zip that is there, of files by name."""

import io
import os
import zipfile
from pathlib import Path

import pytest

from local.progress import UserError
from local.source_zips import zip_of, zip_with


def entries(packed: bytes) -> dict[str, bytes]:
    """The files in a zip."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        return {each.filename: archive.read(each) for each in archive.infolist()}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with a Dockerfile at its top."""
    (tmp_path / "source" / "app" / "empty").mkdir(parents=True)
    (tmp_path / "source" / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "source" / "app" / "é.txt").write_bytes(b"\0\xff")
    (tmp_path / "source" / ".dockerignore").write_text("")
    return tmp_path / "source"


def test_a_folder_is_packed_with_its_files_at_the_top(source: Path) -> None:
    assert entries(zip_of(source)) == {"Dockerfile": b"FROM scratch\n", "app/é.txt": b"\0\xff", ".dockerignore": b""}


def test_a_program_in_a_folder_stays_executable_in_the_zip(source: Path) -> None:
    (source / "run.sh").write_text("#!/bin/sh\n")
    (source / "run.sh").chmod(0o755)

    with zipfile.ZipFile(io.BytesIO(zip_of(source))) as archive:
        modes = {each.filename: each.external_attr >> 16 & 0o777 for each in archive.infolist()}
    assert modes["run.sh"] == 0o755
    assert not modes["Dockerfile"] & 0o111


def test_a_folder_gives_the_same_zip_each_time(source: Path) -> None:
    assert zip_of(source) == zip_of(source)


def test_a_file_older_than_zips_calendar_is_packed(source: Path) -> None:
    os.utime(source / "Dockerfile", (0, 0))

    assert entries(zip_of(source))["Dockerfile"] == b"FROM scratch\n"


def test_a_source_that_is_a_file_is_sent_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "source.zip").write_bytes(b"not even a zip")

    assert zip_of(tmp_path / "source.zip") == b"not even a zip"


def test_a_source_that_is_not_there_is_an_error_by_name(tmp_path: Path) -> None:
    with pytest.raises(UserError) as raised:
        zip_of(tmp_path / "missing")

    assert str(raised.value) == f"There is no file or folder {tmp_path / 'missing'}."


def test_files_are_packed_into_a_zip_by_name() -> None:
    assert entries(zip_with({"Dockerfile": "FROM é\n", "a/b": b"\xff"})) == {
        "Dockerfile": "FROM é\n".encode(),
        "a/b": b"\xff",
    }
