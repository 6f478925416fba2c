"""Source zips: of a folder, of a zip that is there, of files by name."""

import io
import os
import zipfile
from pathlib import Path

import pytest

from local.progress import UserError
from local.sources.zipping import zip_of, zip_with


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


def test_a_folder_is_packed_the_same_each_time_with_its_files_at_the_top_and_their_exec_bits(source: Path) -> None:
    (source / "app" / "é.txt").chmod(0o755)
    os.utime(source / "Dockerfile", (0, 0))  # older than a zip's calendar
    packed = zip_of(source)

    assert entries(packed) == {"Dockerfile": b"FROM scratch\n", "app/é.txt": b"\0\xff", ".dockerignore": b""}
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        modes = {each.filename: each.external_attr >> 16 & 0o777 for each in archive.infolist()}
    assert modes["app/é.txt"] == 0o755
    assert not modes["Dockerfile"] & 0o111
    assert zip_of(source) == packed


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
