"""The recipe unpacks what is a zip, finds the source in it, and says what is wrong with what isn't."""

import io
import shutil
import struct
import zipfile
from collections.abc import Mapping

import pytest

from tests.recipe.support.sandbox import Sandbox
from tests.support.served import Served
from tests.support.zips import MIB, WINDOWS, Link, bomb, damaged, encrypted, zipped

DOCKERFILE = "FROM scratch\n"
GIB = 1024 * MIB


def with_entry(entry: zipfile.ZipInfo) -> bytes:
    """A good source with one entry more."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("Dockerfile", DOCKERFILE)
        archive.writestr(entry, b"")
    return buffer.getvalue()


def with_mode(name: str, mode: int) -> bytes:
    """A good source with one entry of this mode more."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    return with_entry(entry)


def declared(*sizes: int) -> bytes:
    """A good source whose directory declares further files of these sizes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("Dockerfile", DOCKERFILE)
        for number, size in enumerate(sizes):
            archive.writestr(f"zeros-{number}", b"")
            archive.filelist[-1].file_size = size
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content", [b"", b"<html>", zipped({"Dockerfile": DOCKERFILE})[:-30]], ids=["0", "html", "cut"]
)
def test_what_is_no_zip_is_not_unpacked(sandbox: Sandbox, content: bytes) -> None:
    sandbox.upload(content)
    assert sandbox.run().code == "not-a-zip"


def test_an_encrypted_zip_is_named_so(sandbox: Sandbox) -> None:
    sandbox.upload(encrypted())
    assert sandbox.run().code == "encrypted"


def test_a_damaged_zip_is_told_with_the_reader_s_own_words(sandbox: Sandbox) -> None:
    sandbox.upload(damaged())
    build = sandbox.run()
    assert build.code == "zip-damaged"
    assert "Bad CRC-32 for file 'Dockerfile'" in build.sentence


@pytest.mark.parametrize("sizes", [(2 * GIB + 1,), (2 * GIB,) * 4 + (1,)], ids=["a file", "all"])
def test_a_zip_that_declares_too_much_is_not_unpacked(sandbox: Sandbox, sizes: tuple[int, ...]) -> None:
    sandbox.upload(declared(*sizes))
    assert sandbox.run().code == "too-large"


def test_a_bomb_is_damaged_where_it_exceeds_what_it_declares(sandbox: Sandbox) -> None:
    small, large = struct.pack("<L", MIB), struct.pack("<L", 64 * MIB)
    sandbox.upload(bomb(mebibytes=64).replace(large, small))
    build = sandbox.run()
    assert build.code == "zip-damaged"


def test_a_disk_that_is_full_is_no_fault_of_the_zip(sandbox: Sandbox) -> None:
    python = shutil.which("python3")
    # Python sees a file that may not grow as it would see a full disk, by an error of the system.
    sandbox.command(
        "python3", f'#!/bin/bash\nsed -i "s/errno.ENOSPC/errno.EFBIG/" unpack.py\nulimit -f 1\nexec {python} "$@"\n'
    )
    sandbox.upload(zipped({"Dockerfile": DOCKERFILE, "large": bytes(4096)}, compression=zipfile.ZIP_STORED))
    build = sandbox.run()
    assert build.code == "build-system-fault"
    assert "File too large" in build.sentence


def test_an_empty_zip_has_no_dockerfile(sandbox: Sandbox) -> None:
    sandbox.upload(zipped({}))
    build = sandbox.run()
    assert build.code == "no-dockerfile"
    assert "find: " not in build.log


def test_a_zip_made_by_windows_is_built(sandbox: Sandbox) -> None:
    sandbox.upload(zipped({"Dockerfile": DOCKERFILE, "src\\main.py": ""}, system=WINDOWS))
    assert sandbox.run().succeeded
    assert sandbox.built()["files"] == ["Dockerfile", "src/main.py"]


def test_of_a_name_that_stands_twice_with_other_content_none_is_built(sandbox: Sandbox) -> None:
    twice = zipped({"Dockerfile": "FROM old\n", "DockerfilX": DOCKERFILE}).replace(b"DockerfilX", b"Dockerfile")
    sandbox.upload(twice)
    build = sandbox.run()
    assert build.code == "zip-damaged"
    assert "Dockerfile' twice and not the same" in build.sentence


@pytest.mark.parametrize("name", ["写" * 86, "写" * 86 + "/main.py"], ids=["a file", "a folder"])
def test_a_name_that_linux_can_t_hold_is_told(sandbox: Sandbox, name: str) -> None:
    sandbox.upload(zipped({"Dockerfile": DOCKERFILE, name: ""}))
    build = sandbox.run()
    assert build.code == "zip-damaged"
    assert "File name too long" in build.sentence


@pytest.mark.parametrize("files", [{"a": "", "a/b": ""}, {"a/b": "", "a": ""}, {"a/b": "", "a": Link("x")}])
def test_a_name_that_is_two_things_is_damaged(sandbox: Sandbox, files: Mapping[str, str | bytes]) -> None:
    sandbox.upload(zipped({"Dockerfile": DOCKERFILE, **files}))
    assert sandbox.run().code == "zip-damaged"


@pytest.mark.parametrize("method", [98, 99, 9])
def test_a_compression_that_python_does_not_know_is_damaged(sandbox: Sandbox, method: int) -> None:
    archive = bytearray(zipped({"Dockerfile": DOCKERFILE}))
    for signature, offset in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        archive[archive.index(signature) + offset] = method
    sandbox.upload(bytes(archive))
    build = sandbox.run()
    assert build.code == "zip-damaged"
    assert "compression" in build.sentence


@pytest.mark.parametrize("mode", [0o000, 0o200, 0o400, 0o111, 0o644, 0o755, 0o4755, 0o700])
def test_files_are_readable_and_keep_their_exec_bits_whatever_the_zip_says(sandbox: Sandbox, mode: int) -> None:
    sandbox.upload(with_mode("run.sh", mode))
    assert sandbox.run().succeeded
    assert sandbox.built()["modes"]["run.sh"] == oct(mode & 0o777 | 0o644)


@pytest.mark.parametrize("mode", [0o000, 0o600, 0o755, 0o2777])
def test_folders_are_passable_whatever_the_zip_says(sandbox: Sandbox, mode: int) -> None:
    sandbox.upload(with_mode("src/", mode))
    assert sandbox.run().succeeded
    assert sandbox.built()["modes"]["src"] == oct(mode & 0o777 | 0o755)


@pytest.mark.parametrize("attributes", [0o040755 << 16, 0x10])
def test_a_folder_may_lack_its_slash(sandbox: Sandbox, attributes: int) -> None:
    folder = zipfile.ZipInfo("src")
    folder.external_attr = attributes
    archive = io.BytesIO(zipped({"Dockerfile": DOCKERFILE, "src/main.py": ""}))
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr(folder, "")

    assert Served(archive.getvalue()).check() is None
    sandbox.upload(archive.getvalue())
    assert sandbox.run().succeeded
    assert sandbox.built()["files"] == ["Dockerfile", "src/main.py"]


@pytest.mark.parametrize("date", [(1980, 0, 0, 0, 0, 0), (2024, 5, 6, 7, 8, 10), (1980, 15, 31, 31, 63, 62)])
def test_any_date_is_taken(sandbox: Sandbox, date: tuple[int, int, int, int, int, int]) -> None:
    entry = zipfile.ZipInfo("main.py")
    entry.date_time = date
    sandbox.upload(with_entry(entry))
    assert sandbox.run().succeeded
    assert "main.py" in sandbox.built()["files"]


def test_links_are_kept_and_not_followed(sandbox: Sandbox) -> None:
    files = {
        "Dockerfile": DOCKERFILE,
        "current": Link("releases/1"),
        "releases/1/main.py": "",
        "out": Link("/etc/passwd"),
    }
    sandbox.upload(zipped(files))
    assert sandbox.run().succeeded
    assert sandbox.built()["links"] == {"current": "releases/1", "out": "/etc/passwd"}


@pytest.mark.parametrize("name", ["json.py", "zipfile.py", "calendar.py", ".python-version", "sitecustomize.py"])
def test_python_takes_nothing_from_an_upload(sandbox: Sandbox, name: str) -> None:
    sandbox.upload(zipped({"Dockerfile": DOCKERFILE, name: f"open('{sandbox.folder}/hacked', 'w')\n"}))
    assert sandbox.run().succeeded
    assert not (sandbox.folder / "hacked").exists()


def test_the_files_that_were_unpacked_are_counted_in_the_log_and_not_listed(sandbox: Sandbox) -> None:
    sandbox.upload(zipped({"Dockerfile": DOCKERFILE, "main.py": "", "src/": "", "link": Link("main.py")}))
    log = sandbox.run().log
    assert "\nUnpacked 3 files\n" in log
    assert "main.py" not in log


def test_names_that_lead_out_of_the_folder_stay_in_it(sandbox: Sandbox) -> None:
    outside = sandbox.folder / "absolute"
    files = {
        "Dockerfile": DOCKERFILE,
        "../../up": "",
        str(outside): "",
        "link": Link(str(sandbox.folder)),
        "link/in": "",
    }
    sandbox.upload(zipped(files))
    sandbox.run()
    assert not outside.exists()
    assert not (sandbox.folder / "in").exists()
    assert not list(sandbox.folder.glob("**/up"))


@pytest.mark.parametrize(
    "folder",
    ["app", "-flag", "-", "a b", "git@x:y", "new\nline", "$(touch hacked)", "*", "app.git", "日本"],
)
def test_the_only_folder_is_the_source(sandbox: Sandbox, folder: str) -> None:
    files = {
        f"{folder}/Dockerfile": DOCKERFILE,
        f"{folder}/main.py": "",
        "__MACOSX/._app": "",
        ".DS_Store": "",
        ".x/y": "",
    }
    sandbox.upload(zipped(files))
    assert sandbox.run().succeeded
    assert sandbox.built()["files"] == ["Dockerfile", "main.py"]
    assert sandbox.built()["context"].startswith("/")
    assert not list(sandbox.folder.glob("**/hacked"))


def test_a_dockerfile_at_the_top_keeps_its_folders(sandbox: Sandbox) -> None:
    sandbox.upload(zipped({"Dockerfile": DOCKERFILE, "app/Dockerfile": "FROM other\n", ".hidden": ""}))
    assert sandbox.run().succeeded
    assert sandbox.built()["dockerfile"] == DOCKERFILE
    assert sandbox.built()["files"] == [".hidden", "Dockerfile", "app/Dockerfile"]


@pytest.mark.parametrize(
    "files",
    [
        {"a/Dockerfile": DOCKERFILE, "b/Dockerfile": DOCKERFILE},
        {"a/Dockerfile": DOCKERFILE, "README": ""},
        {"a/b/Dockerfile": DOCKERFILE},
        {".hidden/Dockerfile": DOCKERFILE},
        {"__MACOSX/Dockerfile": DOCKERFILE},
        {"dockerfile": DOCKERFILE},
        {"Dockerfile/": ""},
        {"Dockerfile/Dockerfile/x": ""},
    ],
    ids=["two folders", "a file beside", "two levels", "hidden", "macOS's", "lower case", "a folder", "folders"],
)
def test_a_zip_without_a_dockerfile_in_its_place_is_refused(sandbox: Sandbox, files: Mapping[str, str | bytes]) -> None:
    sandbox.upload(zipped(files))
    build = sandbox.run()
    assert build.code == "no-dockerfile"
    assert sandbox.calls("docker", "buildx") == []


def test_a_folder_that_is_a_link_is_not_the_source(sandbox: Sandbox) -> None:
    (sandbox.folder / "elsewhere").mkdir()
    (sandbox.folder / "elsewhere" / "Dockerfile").write_text("SECRET")
    sandbox.upload(zipped({"app": Link(str(sandbox.folder / "elsewhere"))}))
    build = sandbox.run()
    assert build.code == "no-dockerfile"
    assert "SECRET" not in build.log


@pytest.mark.parametrize("target", ["absolute", "real"])
def test_a_dockerfile_that_is_a_link_is_refused_and_never_read(sandbox: Sandbox, target: str) -> None:
    (sandbox.folder / "secret").write_text("SECRET")
    link = Link(str(sandbox.folder / "secret") if target == "absolute" else "real")
    sandbox.upload(zipped({"Dockerfile": link, "real": "FROM scratch # SECRET\n"}))
    build = sandbox.run()
    assert build.code == "no-dockerfile"
    assert "SECRET" not in build.log
    assert sandbox.calls("docker", "buildx") == []
