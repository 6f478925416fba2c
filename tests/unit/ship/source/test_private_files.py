"""What looks like a secret is found in what would be sent, by its name or by its content; what only looks so isn't."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ship.source.private_files import LARGEST, by_content, private_files
from ship.source.sources import Source, source_at
from tests.support.trees import write
from tests.support.zips import Link, encrypted, zipped
from tests.unit.ship.support.secret_files import BY_CONTENT, BY_NAME, HARMLESS, PEM


def found(source: Source) -> dict[str, str]:
    """What looks like a secret in a source, and what it seems to hold."""
    return {each.name: each.holds for each in private_files(source.files, source.read)}


def folder_with(folder: Path, files: dict[str, str | bytes]) -> Source:
    """A folder with these files and a Dockerfile, as a source."""
    return source_at(write(folder / "source", {"Dockerfile": "FROM scratch\n", **files}), "Dockerfile")


def zip_with(folder: Path, files: dict[str, str | bytes]) -> Source:
    """A zip with these files and a Dockerfile, as a source."""
    (folder / "source.zip").write_bytes(zipped({"Dockerfile": "FROM scratch\n", **files}))
    return source_at(folder / "source.zip", "Dockerfile")


sources = pytest.mark.parametrize("source_with", [folder_with, zip_with], ids=["folder", "zip"])
SourceWith = Callable[[Path, dict[str, str | bytes]], Source]


@sources
@pytest.mark.parametrize("below", ["", "app/src/"])
@pytest.mark.parametrize("name", BY_NAME)
def test_a_secret_is_found_by_its_name(source_with: SourceWith, below: str, name: str, tmp_path: Path) -> None:
    assert found(source_with(tmp_path, {f"{below}{name}": "anything"})) == {f"{below}{name}": BY_NAME[name]}


@sources
@pytest.mark.parametrize("name", BY_CONTENT)
def test_a_secret_is_found_by_its_content(source_with: SourceWith, name: str, tmp_path: Path) -> None:
    content, holds = BY_CONTENT[name]

    assert found(source_with(tmp_path, {name: content})) == {name: holds}


@sources
@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_looks_like_one_is_not(source_with: SourceWith, name: str, tmp_path: Path) -> None:
    assert found(source_with(tmp_path, {name: HARMLESS[name]})) == {}


@sources
def test_all_are_found_in_the_order_of_names(source_with: SourceWith, tmp_path: Path) -> None:
    source = source_with(tmp_path, {"a/.env": "", "b.pem": PEM, "c.txt": "", "d/id_rsa": ""})

    assert list(found(source)) == ["a/.env", "b.pem", "d/id_rsa"]


HISTORY = dict.fromkeys((".git", "lib/.svn"), "the history, and maybe logins")
IN_HISTORY = [".git/HEAD", ".git/config", ".git/objects/ab/cd", ".git/hooks/.env", "lib/.svn/entries", ".gitignore"]
KEYS = {".env": "", ".git/HEAD": "", "keys/server.key": PEM, "keys/other.key": PEM}
RULES = {".dockerignore": ".env\n.git\nkeys\n!keys/other.key\n"}


@pytest.mark.parametrize(
    ("source_with", "files", "holds"),
    [
        (zip_with, dict.fromkeys(IN_HISTORY, ""), HISTORY),
        (folder_with, KEYS | RULES, {"keys/other.key": "a private key"}),
        (zip_with, {".env": "", ".dockerignore": ".env\n"}, {".env": "environment variables"}),
        (folder_with, {"key": Link("../server.key"), "nowhere": Link("nowhere")}, {}),
    ],
    ids=["the history, once", "nothing ignored", "what a zip ignores", "no links"],
)
def test_what_is_sent_is_looked_at(
    source_with: SourceWith, files: dict[str, str | bytes], holds: dict[str, str], tmp_path: Path
) -> None:
    write(tmp_path, {"server.key": PEM})

    assert found(source_with(tmp_path, files)) == holds


@sources
def test_a_large_file_is_not_looked_into(source_with: SourceWith, tmp_path: Path) -> None:
    small, large = PEM.ljust(LARGEST), PEM.ljust(LARGEST + 1)

    assert list(found(source_with(tmp_path, {"large.pem": large, "small.pem": small, ".env": large}))) == [
        ".env",
        "small.pem",
    ]


def test_a_zip_that_can_not_be_read_has_none(tmp_path: Path) -> None:
    (tmp_path / "encrypted.zip").write_bytes(encrypted())
    (tmp_path / "page.zip").write_text("<html>")

    assert found(source_at(tmp_path / "encrypted.zip", "Dockerfile")) == {}
    assert found(source_at(tmp_path / "page.zip", "Dockerfile")) == {}


@pytest.mark.parametrize(
    ("name", "begins", "repeated"),
    [
        ("credentials", b"token", b"\n"),
        ("kubeconfig", b"user:", b"\n"),
        ("kubeconfig", b"user:", b" "),
        ("kubeconfig", b"", b" user:\n"),
        ("values.yaml", b"kind: Config\n", b" "),
        ("auth.json", b"", b'"http-basic":{'),
    ],
)
def test_a_file_that_repeats_itself_is_read_in_one_go(name: str, begins: bytes, repeated: bytes) -> None:
    """Each takes minutes if a pattern looks at the rest of the file again from each place."""
    assert by_content(name, begins + repeated * (LARGEST // len(repeated))) is None


def test_a_cluster_s_token_may_stand_after_other_members_and_blank_lines() -> None:
    content = b"users:\r\n- name: a\r\n  user:\r\n    username: a\r\n\r\n    token: 0123456789abcdef\r\n"

    assert by_content("kubeconfig", content) == "a cluster's token"
