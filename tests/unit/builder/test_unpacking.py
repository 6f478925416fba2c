"""The builder unpacks a zip and finds the source in it, or says what is wrong with the zip."""

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from builder import source, unpacking
from tests.support.zips import LINK, MIB, WINDOWS, Link, bomb, damaged, encrypted, zipped
from tests.unit.builder.support.sandbox import DOCKERFILE, Sandbox
from tests.unit.builder.support.unpacking import unpacked


def with_entry(
    name: str, mode: int = 0o644, date: tuple[int, int, int, int, int, int] = (2024, 5, 6, 7, 8, 10)
) -> bytes:
    """A good source with one more entry."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr, entry.date_time = mode << 16, date
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("Dockerfile", DOCKERFILE)
        archive.writestr(entry, b"")
    return buffer.getvalue()


# Zips that can't be unpacked

REFUSED = {
    "nothing": (b"", "not-a-zip", "not a zip file"),
    "without its end": (zipped({"Dockerfile": DOCKERFILE})[:-30], "not-a-zip", "its end is missing"),
    "encrypted": (encrypted(), "encrypted", "without a password"),
    "a wrong checksum": (damaged(), "zip-damaged", "Bad CRC-32 for file 'Dockerfile'"),
    "more than it declares": (
        bomb(mebibytes=64).replace(struct.pack("<L", 64 * MIB), struct.pack("<L", MIB)),
        "no-dockerfile",
        "There is no file Dockerfile",
    ),
    "two entries of one name": (
        zipped({"Dockerfile": "FROM old\n", "DockerfilX": DOCKERFILE}).replace(b"DockerfilX", b"Dockerfile"),
        "zip-damaged",
        "holds Dockerfile twice and not the same",
    ),
    "a long folder": (zipped({"Dockerfile": DOCKERFILE, "写" * 86 + "/main.py": ""}), "zip-damaged", "is too long"),
}
"""StartBuild's check has the same reasons for what a directory shows: tests/unit/builder/test_one_reading.py."""


@pytest.mark.parametrize("kind", REFUSED)
def test_a_zip_that_can_t_be_unpacked_has_a_reason(kind: str) -> None:
    content, code, words = REFUSED[kind]
    with unpacked(content) as found:
        assert found.reason
        assert found.reason.code == code
        assert words in found.reason.sentence


@pytest.mark.parametrize("is_link", [False, True])
def test_a_zip_bomb_that_exceeds_its_declared_size_is_damaged(is_link: bool, tmp_path: Path) -> None:
    content = bomb(mebibytes=256).replace(struct.pack("<LH", 256 * MIB, 5), struct.pack("<LH", 1024, 5))
    if is_link:
        content = content.replace(struct.pack("<L", 0o100644 << 16), struct.pack("<L", LINK))
    tracemalloc.start()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, pytest.raises(zipfile.BadZipFile, match="Bad CRC-32"):
            unpacking.write(archive, tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()


def test_a_damaged_zip_is_reported_in_the_reader_s_words(sandbox: Sandbox) -> None:
    sandbox.upload(damaged())
    ended = sandbox.run()
    assert ended.code == "zip-damaged"
    assert ended.sentence == "The zip cannot be unpacked. Make it again. Bad CRC-32 for file 'Dockerfile'"
    assert sandbox.engine.built == []


@pytest.mark.parametrize("when", ["fetching", "unpacking"])
def test_a_disk_that_is_full_is_no_fault_of_the_zip(sandbox: Sandbox, when: str) -> None:
    full = Path("/dev/full")
    if when == "fetching":
        sandbox.patch.setattr(source, "ARCHIVE", full)
    else:
        sandbox.patch.setattr(unpacking, "write_file", lambda *_: full.write_bytes(b"x"))
    ended = sandbox.run()
    assert ended.code == "build-system-fault"
    assert "No space left on device" in ended.sentence


# How files are unpacked


def test_the_files_are_counted_in_the_log_and_not_listed(sandbox: Sandbox) -> None:
    sandbox.upload({"Dockerfile": DOCKERFILE, "main.py": "", "src/": "", "link": Link("main.py")})
    log = sandbox.run().log
    assert "\nUnpacked 3 files\n" in log
    assert "main.py" not in log


def test_a_zip_made_by_windows_has_folders() -> None:
    with unpacked(zipped({"Dockerfile": DOCKERFILE, "src\\main.py": ""}, system=WINDOWS)) as found:
        assert found.contents() == {b"Dockerfile": DOCKERFILE.encode(), b"src": "folder", b"src/main.py": b""}


@pytest.mark.parametrize("mode", [0o000, 0o200, 0o400, 0o111, 0o644, 0o755, 0o4755, 0o700])
def test_files_are_readable_and_keep_only_their_exec_bits(mode: int) -> None:
    with unpacked(with_entry("run.sh", mode)) as found:
        assert oct((found.tree / "run.sh").stat().st_mode & 0o7777) == oct(mode & 0o777 | 0o644)


@pytest.mark.parametrize("mode", [0o000, 0o600, 0o755, 0o2777])
def test_folders_can_be_entered_whatever_their_mode_in_the_zip(mode: int) -> None:
    with unpacked(with_entry("src/", mode)) as found:
        assert oct((found.tree / "src").stat().st_mode & 0o7777) == oct(mode & 0o777 | 0o755)


@pytest.mark.parametrize("attributes", [0o040755 << 16, 0x10])
def test_a_folder_may_lack_its_slash(attributes: int) -> None:
    folder = zipfile.ZipInfo("src")
    folder.external_attr = attributes
    archive = io.BytesIO(zipped({"Dockerfile": DOCKERFILE, "src/main.py": ""}))
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr(folder, "")
    with unpacked(archive.getvalue()) as found:
        assert found.contents() == {b"Dockerfile": DOCKERFILE.encode(), b"src": "folder", b"src/main.py": b""}


@pytest.mark.parametrize(
    ("date", "second"),
    [
        ((2024, 5, 6, 7, 8, 10), 1714979290),
        ((1980, 0, 0, 0, 0, 0), 315446400),
        ((1980, 15, 31, 31, 63, 62), 347184242),
    ],
)
def test_any_date_is_accepted(date: tuple[int, int, int, int, int, int], second: int) -> None:
    with unpacked(with_entry("main.py", date=date)) as found:
        assert (found.tree / "main.py").stat().st_mtime == second


def test_links_are_kept_and_not_followed() -> None:
    links = {"current": Link("releases/1"), "out": Link("/etc/passwd"), "up": Link("../.."), "none": Link("")}
    with unpacked(zipped({"Dockerfile": DOCKERFILE, "releases/1/main.py": "", **links})) as found:
        contents = found.contents()
        assert (contents[b"current"], contents[b"out"], contents[b"up"]) == (
            "-> releases/1",
            "-> /etc/passwd",
            "-> ../..",
        )
        assert contents[b"none"] == b""  # Linux has no such link


def test_names_that_point_out_of_the_folder_stay_in_it() -> None:
    names = {"../../up": "", "/tmp/absolute": "", "a/../../../b": ""}
    with unpacked(zipped({"Dockerfile": DOCKERFILE, **names})) as found:
        files = [name for name, content in found.contents().items() if content != "folder"]
        assert files == [b"Dockerfile", b"a/b", b"tmp/absolute", b"up"]


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    with unpacked(
        zipped({"Dockerfile": DOCKERFILE, "link": Link(str(tmp_path / "elsewhere")), "link/in": ""})
    ) as found:
        assert found.code == "zip-damaged"
    assert list((tmp_path / "elsewhere").iterdir()) == []


# Where the source is


@pytest.mark.parametrize(
    "folder", ["app", "-flag", "-", "a b", "git@x:y", "new\nline", "$(touch hacked)", "*", "app.git", "日本"]
)
def test_the_only_folder_is_the_source(sandbox: Sandbox, folder: str) -> None:
    inside = {f"{folder}/Dockerfile": DOCKERFILE, f"{folder}/main.py": ""}
    sandbox.upload({**inside, "__MACOSX/._app": "", ".DS_Store": "", ".x/y": ""})
    assert sandbox.run().succeeded
    (built,) = sandbox.engine.built
    assert built.files() == ["Dockerfile", "main.py"]
    assert built.context.is_absolute()


def test_a_dockerfile_at_the_top_keeps_its_folders(sandbox: Sandbox) -> None:
    sandbox.upload({"Dockerfile": DOCKERFILE, "app/Dockerfile": "FROM other\n", ".hidden": ""})
    assert sandbox.run().succeeded
    (built,) = sandbox.engine.built
    assert built.dockerfile == DOCKERFILE
    assert built.files() == [".hidden", "Dockerfile", "app/Dockerfile"]
