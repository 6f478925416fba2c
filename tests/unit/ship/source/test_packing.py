"""A folder is packed whole, as docker would send it."""

import io
import os
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

from core.zips import checks
from ship.problem import Problem
from ship.source import packing
from ship.source.private_files import LARGEST
from tests.support.served import Served
from tests.support.trees import listed, listed_in_zip, write
from tests.support.zips import Link
from tests.unit.ship.support.packed import SOURCE, names, packed

# What is packed


def test_content_and_kinds_are_kept(tmp_path: Path) -> None:
    folders = {"bin": ("folder", b""), "größe": ("folder", b""), "src": ("folder", b""), ".hidden": ("folder", b"")}

    assert listed_in_zip(packed(write(tmp_path, SOURCE))) == listed(SOURCE) | folders


NOT_UTF_8 = os.fsdecode(b"caf\xe9")
TARGETS = "main.py nowhere /etc/passwd folder folder/ ./main.py folder/../main.py a//b .. größe"


@pytest.mark.parametrize("target", [*TARGETS.split(), NOT_UTF_8])
def test_a_link_stays_a_link_to_what_was_written(target: str, tmp_path: Path) -> None:
    write(tmp_path, {"main.py": "", "folder/a": "", "link": Link(target)})
    packed_link = next(each for each in packing.entries(tmp_path, "Dockerfile") if each.name == "link")

    assert listed_in_zip(packed(tmp_path))["link"] == ("link", os.fsencode(target))
    assert packed_link.size == len(os.fsencode(target))


RULES = {".dockerignore": "**\n!a/b/c\n"}
SENT: dict[str, tuple[dict[str, str], list[str]]] = {
    "in the order of the names' bytes": (
        dict.fromkeys(["é", "a/b", "a.c", "a-b", "_", "B"], ""),
        ["B", "_", "a", "a-b", "a.c", "a/b", "é"],
    ),
    "nothing of what a link leads to": ({"link": Link("../outside"), "loop": Link(".")}, ["link", "loop"]),
    "an ignored folder for what is taken back": (
        RULES | {"a/b/c": "", "a/b/d": "", "a/e/f": "", "g": ""},
        [".dockerignore", "a", "a/b", "a/b/c"],
    ),
}


@pytest.mark.parametrize("case", SENT)
def test_what_is_sent(case: str, tmp_path: Path) -> None:
    files, sent = SENT[case]
    write(tmp_path / "outside", {"a": ""})

    assert names(write(tmp_path / "folder", files)) == sent


def test_hard_links_are_files(tmp_path: Path) -> None:
    write(tmp_path, {"one": "same"})
    (tmp_path / "other").hardlink_to(tmp_path / "one")

    assert listed_in_zip(packed(tmp_path)) == {"one": ("file", b"same"), "other": ("file", b"same")}


def test_a_zip_has_no_place_for_sockets_and_pipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a": ""})
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")

        assert names(tmp_path) == ["a"]


def test_an_ignored_folder_is_not_even_listed(tmp_path: Path) -> None:
    write(tmp_path, {".dockerignore": "a\n!b/c\n", "a/b": "", "b/c": "", "b/d": ""})
    matcher, always = packing.rules(tmp_path, "Dockerfile")
    walk = packing.walk(tmp_path, "", matcher, always)

    assert next(walk).name == ".dockerignore"
    shutil.rmtree(tmp_path / "a")  # which can't be listed then
    assert [each.name for each in walk] == ["b", "b/c", "b/d"]


@pytest.mark.parametrize("dockerfile", ["Dockerfile", "docker/Dockerfile", "docker/app/dev.Dockerfile"])
def test_the_dockerfile_and_the_rules_are_sent_in_any_case(dockerfile: str, tmp_path: Path) -> None:
    own = f"{dockerfile}.dockerignore"
    write(tmp_path, {dockerfile: "", own: "**\n", ".dockerignore": "", "docker/a": "", "b": ""})
    folders = [name for name in ("docker", "docker/app") if dockerfile.startswith(f"{name}/")]

    assert names(tmp_path, dockerfile) == sorted([".dockerignore", *folders, dockerfile, own])


# Where it is in the zip


@pytest.mark.parametrize(
    "files",
    [
        {"app/Dockerfile": ""},
        {"app/Dockerfile": "", ".env.example": ""},
        {"app/Dockerfile": "", "__MACOSX/._app": ""},
        {"app/Dockerfile": "", "app/src/main.py": "", ".dockerignore": "app/src\n"},
        {"app/Dockerfile": "", "README.md": "", ".dockerignore": "README.md\n"},
    ],
    ids=["alone", "beside dot-files", "beside macOS's", "with rules", "the only one that is sent"],
)
def test_a_folder_alone_gets_one_around_it_since_it_would_be_taken_for_the_source(
    files: dict[str, str], tmp_path: Path
) -> None:
    content = packed(write(tmp_path, files), "app/Dockerfile")

    assert {name.partition("/")[0] for name in listed_in_zip(content)} == {"source"}
    assert checks.check(len(content), Served(content).fetch, 1, "app/Dockerfile") is None


@pytest.mark.parametrize(
    ("files", "dockerfile"),
    [
        ({"Dockerfile": ""}, "Dockerfile"),
        ({"Dockerfile": "", ".env.example": "", "__MACOSX/a": ""}, "Dockerfile"),
        ({"app/Dockerfile": "", "README.md": ""}, "app/Dockerfile"),
        ({"app/Dockerfile": "", "link": Link("app")}, "app/Dockerfile"),
        ({"app/Dockerfile": "", "empty/": ""}, "app/Dockerfile"),
        ({".docker/Dockerfile": ""}, ".docker/Dockerfile"),
    ],
)
def test_all_else_is_at_the_top(files: dict[str, str], dockerfile: str, tmp_path: Path) -> None:
    content = packed(write(tmp_path, files), dockerfile)

    assert files.keys() <= {*listed_in_zip(content), "empty/"}
    assert checks.check(len(content), Served(content).fetch, 1, dockerfile) is None


def test_a_link_to_a_dockerfile_is_packed_and_rejected(tmp_path: Path) -> None:
    content = packed(write(tmp_path, {"Dockerfile": Link("docker/Dockerfile"), "docker/Dockerfile": ""}))

    assert "link" in str(checks.check(len(content), Served(content).fetch, 1))


# What can't be packed


@pytest.mark.parametrize("folder_too", [False, True])
def test_a_file_that_is_gone_when_it_is_read_is_a_problem(tmp_path: Path, folder_too: bool) -> None:
    write(tmp_path, SOURCE)
    found = packing.entries(tmp_path, "Dockerfile")
    (tmp_path / "src/main.py").unlink()
    if folder_too:
        (tmp_path / "src").rmdir()
        (tmp_path / "src").touch()

    with pytest.raises(Problem, match=r"^src/main.py was there a moment ago and is gone\.$") as raised:
        packing.pack(found, io.BytesIO())
    assert raised.value.to_do.startswith("Run the command again.")


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    problem = packing.unreadable("a", PermissionError(13, "Permission denied"))

    assert problem.what == "a can't be read: Permission denied."
    assert problem.to_do == "Give yourself permission to read it, or list it in .dockerignore."


@pytest.mark.parametrize(
    ("files", "looks", "gone"),
    [({"a": "", "b": ""}, 1, "b"), ({"a": "", "b": Link("a")}, 1, "b"), ({"a/b/": ""}, 2, "a/b/")],
    ids=["file", "link", "folder"],
)
def test_what_is_gone_when_it_is_looked_at_is_a_problem(
    files: dict[str, str], looks: int, gone: str, tmp_path: Path
) -> None:
    write(tmp_path, files)
    walk = packing.walk(tmp_path, "", *packing.rules(tmp_path, "Dockerfile"))
    for _ in range(looks):
        next(walk)
    (tmp_path / gone).rmdir() if gone.endswith("/") else (tmp_path / gone).unlink()

    with pytest.raises(Problem, match=rf"^{gone} was there a moment ago and is gone\."):
        next(walk)


@pytest.mark.parametrize("name", [b"caf\xe9", b"caf\xe9/a"])
def test_a_name_that_is_not_utf_8_is_a_problem(name: bytes, tmp_path: Path) -> None:
    folder = write(tmp_path, {os.fsdecode(name): ""})

    with pytest.raises(Problem, match=r"^The name caf\ufffd isn't UTF-8\.$"):
        packed(folder)


# How it is packed


def test_each_file_is_read_once_and_shown_if_it_is_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = bytes(LARGEST + 1)
    write(tmp_path, {"Dockerfile": "FROM scratch\n", "a/b": "text", "large": large, "link": Link("a"), "empty": ""})
    found = packing.entries(tmp_path, "Dockerfile")
    opened: list[str] = []
    real = Path.open

    def noting(path: Path, *arguments: Any) -> Any:
        opened.append(str(path.relative_to(tmp_path)))
        return real(path, *arguments)

    monkeypatch.setattr(Path, "open", noting)
    shown: dict[str, bytes] = {}
    packing.pack(found, io.BytesIO(), lambda name, content: shown.update({name: content}), 2**40)

    assert opened == ["Dockerfile", "a/b", "empty", "large"]
    assert shown == {"Dockerfile": b"FROM scratch\n", "a/b": b"text", "empty": b""}


def test_what_grows_too_large_is_not_packed_to_its_end(tmp_path: Path) -> None:
    write(tmp_path, {name: os.urandom(5000) for name in "abcdefgh"})
    target, shown = io.BytesIO(), list[str]()
    packing.pack(packing.entries(tmp_path, "Dockerfile"), target, lambda name, _: shown.append(name), 12_000)

    assert shown == ["a", "b", "c"]
    assert len(target.getvalue()) > 12_000
