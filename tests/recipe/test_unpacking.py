"""The recipe unpacks what is a zip, finds the source in it, and says what is wrong with what isn't."""

import os
from collections.abc import Mapping

import pytest

from tests.recipe.support.sandbox import World
from tests.support.zips import WINDOWS, Link, bomb, damaged, encrypted, zipped

DOCKERFILE = "FROM scratch\n"


@pytest.mark.parametrize(
    "content", [b"", b"<html>", zipped({"Dockerfile": DOCKERFILE})[:-30]], ids=["0", "html", "cut"]
)
def test_what_is_no_zip(world: World, content: bytes) -> None:
    world.upload(content)
    assert world.run().code == "not-a-zip"


def test_an_encrypted_zip(world: World) -> None:
    world.upload(encrypted())
    assert world.run().code == "encrypted"


def test_a_damaged_zip_is_told_with_unzip_s_own_words(world: World) -> None:
    world.upload(damaged())
    build = world.run()
    assert build.code == "zip-damaged"
    assert "bad CRC" in build.sentence


def test_a_zip_that_unpacks_to_too_much(world: World) -> None:
    lower = (
        f'#!/bin/bash\nulimit -f > {world.world}/kibibytes\nulimit -f 1024\nPATH={os.environ["PATH"]} exec unzip "$@"\n'
    )
    world.command("unzip", lower)  # the real limit would write 2 GiB first
    world.upload(bomb(mebibytes=2))
    assert world.run().code == "too-large"
    assert int((world.world / "kibibytes").read_text()) == 2 << 20


@pytest.mark.parametrize(
    ("status", "code"),
    [(82, "encrypted"), (50, "too-large"), (2, "zip-damaged"), (12, "zip-damaged"), (81, "zip-damaged")],
)
def test_unzip_s_other_codes(world: World, status: int, code: str) -> None:
    world.command("unzip", f"#!/bin/sh\nexit {status}\n")
    assert world.run().code == code


def test_an_empty_zip(world: World) -> None:
    world.upload(zipped({}))
    build = world.run()
    assert build.code == "no-dockerfile"
    assert "find: " not in build.log


def test_a_zip_made_by_windows(world: World) -> None:
    world.upload(zipped({"Dockerfile": DOCKERFILE, "src\\main.py": ""}, system=WINDOWS))
    assert world.run().succeeded
    assert world.built()["files"] == ["Dockerfile", "src/main.py"]


def test_one_name_twice_doesn_t_wait_for_an_answer(world: World) -> None:
    twice = zipped({"Dockerfile": DOCKERFILE, "DockerfilX": "other"}).replace(b"DockerfilX", b"Dockerfile")
    world.upload(twice)
    assert world.run().succeeded
    assert world.built()["dockerfile"] == DOCKERFILE


def test_names_that_lead_out_of_the_folder(world: World) -> None:
    outside = world.folder / "absolute"
    files = {"Dockerfile": DOCKERFILE, "../../up": "", str(outside): "", "link": Link(str(world.folder)), "link/in": ""}
    world.upload(zipped(files))
    world.run()
    assert not outside.exists()
    assert not (world.folder / "in").exists()
    assert not list(world.folder.glob("**/up"))


@pytest.mark.parametrize(
    "folder",
    ["app", "-flag", "-", "a b", "git@x:y", "new\nline", "$(touch hacked)", "*", "app.git", "日本"],
)
def test_the_only_folder_is_the_source(world: World, folder: str) -> None:
    files = {
        f"{folder}/Dockerfile": DOCKERFILE,
        f"{folder}/main.py": "",
        "__MACOSX/._app": "",
        ".DS_Store": "",
        ".x/y": "",
    }
    world.upload(zipped(files))
    assert world.run().succeeded
    assert world.built()["files"] == ["Dockerfile", "main.py"]
    assert world.built()["context"].startswith("/")
    assert not list(world.folder.glob("**/hacked"))


def test_a_dockerfile_at_the_top_keeps_its_folders(world: World) -> None:
    world.upload(zipped({"Dockerfile": DOCKERFILE, "app/Dockerfile": "FROM other\n", ".hidden": ""}))
    assert world.run().succeeded
    assert world.built()["dockerfile"] == DOCKERFILE
    assert world.built()["files"] == [".hidden", "Dockerfile", "app/Dockerfile"]


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
def test_a_zip_without_a_dockerfile_in_its_place(world: World, files: Mapping[str, str | bytes]) -> None:
    world.upload(zipped(files))
    build = world.run()
    assert build.code == "no-dockerfile"
    assert world.calls("docker") == []


def test_a_folder_that_is_a_link_is_not_the_source(world: World) -> None:
    (world.folder / "elsewhere").mkdir()
    (world.folder / "elsewhere" / "Dockerfile").write_text("SECRET")
    world.upload(zipped({"app": Link(str(world.folder / "elsewhere"))}))
    build = world.run()
    assert build.code == "no-dockerfile"
    assert "SECRET" not in build.log


@pytest.mark.parametrize("target", ["absolute", "real"])
def test_a_dockerfile_that_is_a_link_is_refused_and_never_read(world: World, target: str) -> None:
    (world.folder / "secret").write_text("SECRET")
    link = Link(str(world.folder / "secret") if target == "absolute" else "real")
    world.upload(zipped({"Dockerfile": link, "real": "FROM scratch # SECRET\n"}))
    build = world.run()
    assert build.code == "no-dockerfile"
    assert "SECRET" not in build.log
    assert world.calls("docker") == []
