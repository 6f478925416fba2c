"""A source is a folder, which is packed, or a zip, sent as it is; what StartBuild would reject is told before."""

from dataclasses import replace
from pathlib import Path

import pytest

from ship.aws.cloudformation import Stack
from ship.problem import Problem
from ship.source import sources
from ship.source.private_files import LARGEST
from ship.source.sources import Source, source_at
from tests.support.trees import Program, listed, listed_in_zip, write
from tests.support.zips import Link, encrypted, zipped

SOURCE: dict[str, str | bytes] = {"Dockerfile": "FROM scratch\n", "run": Program("#!/bin/sh\n"), "link": Link("run")}


def zip_at(path: Path, content: bytes) -> Path:
    """A file with this content."""
    path.write_bytes(content)
    return path


# Folders


def test_a_folder_s_files_are_those_that_would_be_sent(tmp_path: Path) -> None:
    write(tmp_path, {**SOURCE, ".dockerignore": "ignored\n", "ignored/a": "", "src/größe": "text", "empty/": ""})

    assert source_at(tmp_path, "Dockerfile").files == [
        (".dockerignore", 8),
        ("Dockerfile", 13),
        ("link", 3),
        ("run", 10),
        ("src/größe", 4),
    ]


def shown(source: Source) -> dict[str, bytes]:
    """The small files of a source, as they are shown while its zip is made."""
    files: dict[str, bytes] = {}
    with sources.opened(source, lambda name, content: files.update({name: content})):
        return files


def test_a_folder_and_a_zip_show_their_small_files_and_no_links(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"Dockerfile": "FROM scratch\n", "run": "#!/bin/sh\n", "large": bytes(LARGEST + 1)}
    folder = source_at(write(tmp_path / "app", {**files, "link": Link("run")}), "Dockerfile")
    archive = source_at(zip_at(tmp_path / "app.zip", zipped(files)), "Dockerfile")

    assert shown(folder) == shown(archive) == {"Dockerfile": b"FROM scratch\n", "run": b"#!/bin/sh\n"}


def test_a_folders_files_can_be_read_unless_they_are_gone(tmp_path: Path) -> None:
    source = source_at(write(tmp_path, SOURCE), "Dockerfile")
    (tmp_path / "run").unlink()

    assert source.read("Dockerfile") == b"FROM scratch\n"
    assert source.read("link") == b""
    with pytest.raises(Problem, match=r"^run was there a moment ago and is gone\.$"):
        source.read("run")


def test_the_zip_of_a_folder_is_there_as_long_as_it_is_needed(tmp_path: Path) -> None:
    source = source_at(write(tmp_path, SOURCE), "Dockerfile")
    with sources.opened(source) as (path, size):
        content = path.read_bytes()

    assert size == len(content)
    assert listed_in_zip(content) == listed(SOURCE)
    assert not path.exists()


def test_the_zip_of_a_folder_that_can_not_be_packed_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = source_at(write(tmp_path / "source", SOURCE), "Dockerfile")
    (tmp_path / "source/run").unlink()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))

    with pytest.raises(Problem, match=r"^run was there"):
        source.zipped(lambda *_: None, 2**20)

    assert list((tmp_path / "temporary").iterdir()) == []


# Zips


def test_a_zip_s_files_can_be_read_and_it_is_sent_as_it_is_and_stays(tmp_path: Path) -> None:
    path = zip_at(tmp_path / "app.zip", zipped({**SOURCE, "empty/": ""}))
    source = source_at(path, "Dockerfile")

    assert source.files == [("Dockerfile", 13), ("run", 10), ("link", 3)]
    assert source.read("Dockerfile") == b"FROM scratch\n"
    with sources.opened(source) as (sent, size):
        assert (sent, size) == (path, path.stat().st_size)
    assert path.read_bytes() == zipped({**SOURCE, "empty/": ""})


@pytest.mark.parametrize("content", [b"", b"<html>", zipped(SOURCE)[:-30]], ids=["nothing", "a page", "cut"])
def test_of_what_is_no_zip_no_files_are_known(content: bytes, tmp_path: Path) -> None:
    assert source_at(zip_at(tmp_path / "app.zip", content), "Dockerfile").files == []


def test_of_an_encrypted_zip_nothing_can_be_read(tmp_path: Path) -> None:
    source = source_at(zip_at(tmp_path / "app.zip", encrypted()), "Dockerfile")

    assert [name for name, _ in source.files] == ["Dockerfile"]
    assert source.read("Dockerfile") == b""


# Neither


@pytest.mark.parametrize("name", ["nowhere", "dangling"])
def test_where_nothing_is_there_is_no_source(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"dangling": Link("nowhere")})

    with pytest.raises(Problem, match=r"^There is no folder or file .*\.$"):
        source_at(tmp_path / name, "Dockerfile")


# What StartBuild would say


STACK, BUCKET = Stack("uploads", name="source-to-ecr", largest_mib=1), Stack("uploads")
ELSEWHERE = replace(STACK, dockerfile="docker/Dockerfile")


@pytest.mark.parametrize(
    ("content", "stack", "code"),
    [
        (zipped(SOURCE), STACK, None),
        (zipped({"app/Dockerfile": ""}), STACK, None),
        (b"<html>", STACK, "not-a-zip"),
        (encrypted(), STACK, "encrypted"),
        (zipped({"main.py": ""}), STACK, "no-dockerfile"),
        (bytes(2 << 20), STACK, "too-large"),
        (zipped({"docker/Dockerfile": "", "main.py": ""}), ELSEWHERE, None),
        (zipped({"docker/Dockerfile": "", "main.py": ""}), STACK, "no-dockerfile"),
        (zipped({"main.py": ""}), BUCKET, None),  # the Dockerfile may be anywhere
        (b"<html>", BUCKET, "not-a-zip"),
    ],
    ids=[
        *("good", "in a folder", "no zip", "encrypted", "no Dockerfile", "large", "where the stack has it"),
        *("where it has none", "anywhere", "no zip for a bucket"),
    ],
)
def test_what_start_build_would_reject_is_known_before(
    content: bytes, stack: Stack, code: str | None, tmp_path: Path
) -> None:
    reason = sources.rejected(zip_at(tmp_path / "app.zip", content), stack)

    assert (reason.code if reason else None) == code
