"""The recipe unpacks what is a zip, finds the source in it, and says what is wrong with what isn't."""

import os
from collections.abc import Mapping

import pytest

from tests.recipe.support.sandbox import Sandbox
from tests.support.zips import WINDOWS, Link, bomb, damaged, encrypted, zipped

DOCKERFILE = "FROM scratch\n"


@pytest.mark.parametrize(
    "content", [b"", b"<html>", zipped({"Dockerfile": DOCKERFILE})[:-30]], ids=["0", "html", "cut"]
)
def test_what_is_no_zip_is_not_unpacked(sandbox: Sandbox, content: bytes) -> None:
    sandbox.upload(content)
    assert sandbox.run().code == "not-a-zip"


def test_an_encrypted_zip_is_named_so(sandbox: Sandbox) -> None:
    sandbox.upload(encrypted())
    assert sandbox.run().code == "encrypted"


def test_a_damaged_zip_is_told_with_unzip_s_own_words(sandbox: Sandbox) -> None:
    sandbox.upload(damaged())
    build = sandbox.run()
    assert build.code == "zip-damaged"
    assert "bad CRC" in build.sentence


def test_a_zip_that_unpacks_to_too_much_is_stopped(sandbox: Sandbox) -> None:
    limits = f"ulimit -f > {sandbox.fakes}/kibibytes\nulimit -f 1024"
    lower = f'#!/bin/bash\n{limits}\nPATH={os.environ["PATH"]} exec unzip "$@"\n'
    sandbox.command("unzip", lower)  # the real limit would write 2 GiB first
    sandbox.upload(bomb(mebibytes=2))
    assert sandbox.run().code == "too-large"
    assert int((sandbox.fakes / "kibibytes").read_text()) == 2 << 20


@pytest.mark.parametrize(
    ("status", "code"),
    [(82, "encrypted"), (50, "too-large"), (2, "zip-damaged"), (12, "zip-damaged"), (81, "zip-damaged")],
)
def test_each_exit_code_of_unzip_has_its_reason(sandbox: Sandbox, status: int, code: str) -> None:
    sandbox.command("unzip", f"#!/bin/sh\nexit {status}\n")
    assert sandbox.run().code == code


def test_an_empty_zip_has_no_dockerfile(sandbox: Sandbox) -> None:
    sandbox.upload(zipped({}))
    build = sandbox.run()
    assert build.code == "no-dockerfile"
    assert "find: " not in build.log


def test_a_zip_made_by_windows_is_built(sandbox: Sandbox) -> None:
    sandbox.upload(zipped({"Dockerfile": DOCKERFILE, "src\\main.py": ""}, system=WINDOWS))
    assert sandbox.run().succeeded
    assert sandbox.built()["files"] == ["Dockerfile", "src/main.py"]


def test_of_a_name_that_stands_twice_the_last_is_built(sandbox: Sandbox) -> None:
    twice = zipped({"Dockerfile": "FROM old\n", "DockerfilX": DOCKERFILE}).replace(b"DockerfilX", b"Dockerfile")
    sandbox.upload(twice)
    assert sandbox.run().succeeded
    assert sandbox.built()["dockerfile"] == DOCKERFILE


@pytest.mark.parametrize("name", ["写" * 86, "写" * 86 + "/main.py"], ids=["a file", "a folder"])
def test_a_name_that_linux_can_t_hold_is_told(sandbox: Sandbox, name: str) -> None:
    sandbox.upload(zipped({"Dockerfile": DOCKERFILE, name: ""}))
    build = sandbox.run()
    assert build.code == "zip-damaged"
    assert "longer than 255 bytes" in build.sentence


@pytest.mark.parametrize(("method", "words"), [(14, "LZMA"), (98, "PPMd"), (93, "93"), (95, "95")])
def test_a_compression_that_unzip_does_not_know_is_told(sandbox: Sandbox, method: int, words: str) -> None:
    archive = bytearray(zipped({"Dockerfile": DOCKERFILE}))
    for signature, offset in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        archive[archive.index(signature) + offset] = method
    sandbox.upload(bytes(archive))
    build = sandbox.run()
    assert build.code == "zip-damaged"
    assert "Deflate" in build.sentence
    assert words in build.sentence


def test_what_unzip_says_of_each_file_is_not_in_the_log(sandbox: Sandbox) -> None:
    sandbox.upload(zipped({"Dockerfile": DOCKERFILE, "main.py": ""}))
    assert "main.py" not in sandbox.run().log


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
    assert sandbox.calls("docker") == []


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
    assert sandbox.calls("docker") == []
