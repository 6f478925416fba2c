"""The builder unpacks every zip that StartBuild's check accepts, and refuses all others for the check's reason."""

import io
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from zipfile import ZipInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.zips.entries import kind_of, path_of
from tests.support.served import Served
from tests.support.unusual_zips import CHANGES, Change
from tests.support.zips import LINK, UNIX, WINDOWS, zipped
from tests.unit.builder.support.unpacking import Contents, unpacked

CORPUS = {path.stem: path for path in (Path(__file__).parents[2] / "corpus").rglob("*.zip")}
UNREADABLE = {
    "7z-bzip2": "bzip2",
    "7z-deflate64": "Deflate64",
    "7z-lzma": "LZMA",
    "7z-ppmd": "PPMd",
    "python-zstd": "Zstandard",
}
READABLE = sorted(CORPUS.keys() - UNREADABLE)
COMPRESSED = {"7z-deflate"}
IN_A_FOLDER = {"git-archive-prefix", "macos-ditto", "macos-ditto-links"}
LINKS = {"info-zip-links", "git-archive", "git-archive-prefix", "7z-links", "bsdtar", "bsdtar-dot", "archiver"} | {
    "macos-ditto-links",
    "macos-zip",
}
WITHOUT_MODES = {"jar", "jszip", "go-create", "mono", "windows-explorer", "7z-windows", "powershell-5"} | {
    "dotnet-windows",
}
ZIPS = [CORPUS[name].read_bytes() for name in sorted(CORPUS)]
LONG = [f"line {number} of a file that is long enough to shrink" for number in range(1, 101)]

Tree = dict[str, Any]
"""A folder's content by name: each a file, a link, or another folder, which may be empty."""

names = st.sampled_from(["Dockerfile", "app", "a\\b", ".git", "__MACOSX"])
contents = st.recursive(
    st.sampled_from(["file", "link", "nowhere"]), lambda inner: st.dictionaries(names, inner, max_size=2)
)
others = st.dictionaries(names, contents, max_size=2)
# Most have a Dockerfile at the top or in the only folder there; by chance few would.
dockerfiles = st.sampled_from([{}, {"Dockerfile": "file"}, {"Dockerfile": "file"}, {"Dockerfile": "link"}])
folders = st.builds(lambda other, dockerfile: other | dockerfile, others, dockerfiles)
trees = folders | st.builds(lambda name, folder: {name: folder}, names, folders)


def leaves(tree: Tree, *above: str) -> Iterator[tuple[list[str], str]]:
    """The path and kind of each file, link and empty folder: those have entries in a zip."""
    for name, content in tree.items():
        if isinstance(content, str):
            yield [*above, name], content
        elif content:
            yield from leaves(content, *above, name)
        else:
            yield [*above, name, ""], "folder"


@st.composite
def entries(draw: st.DrawFn) -> list[ZipInfo]:
    """The entries of a tree in any order, with names written in any possible way."""
    found = []
    for path, kind in draw(trees.map(leaves).map(list).flatmap(st.permutations)):
        start = draw(st.sampled_from(["", "", "./", "../", "/"]))
        separator = draw(st.sampled_from(["/", "/", "//", "/./", "\\"]))
        entry = ZipInfo(start + separator.join(path))
        is_link = kind in {"link", "nowhere"}
        entry.create_system = UNIX if is_link else draw(st.sampled_from([UNIX, WINDOWS]))
        entry.external_attr = LINK if is_link else draw(st.sampled_from([0, 0o644, 0o4000, 0o100755])) << 16
        entry.comment = kind.encode()
        found.append(entry)
    return found


def zip_of(several: list[ZipInfo]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry in several:
            archive.writestr(entry, "" if entry.is_dir() or entry.comment == b"nowhere" else "elsewhere")
    return buffer.getvalue()


@settings(max_examples=2 * settings().max_examples)
@given(entries())
def test_the_builder_refuses_exactly_the_zips_that_the_check_refuses(several: list[ZipInfo]) -> None:
    content = zip_of(several)
    with unpacked(content) as found:
        assert found.reason == Served(content).check()
        if found.source:
            at = found.source.context / "Dockerfile"
            assert at.is_file()
            assert not at.is_symlink()
            assert found.source.dockerfile.read_bytes() == at.read_bytes()


@settings(max_examples=2 * settings().max_examples)
@given(st.data())
def test_no_damage_to_a_zip_is_a_fault_of_the_build_system(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(ZIPS)))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    said = Served(bytes(content)).check()
    with unpacked(bytes(content)) as found:
        assert found.code in ((said.code,) if said else (None, "zip-damaged", "not-a-zip"))


ODD_NAMES = {
    "above": "..",
    "itself": ".",
    "the folder": "./",
    "a line": "a\nb",
    "an option": "-x",
    "a star": "*",
    "deep": "/".join(["d"] * 100),
    "far": "/".join(["d" * 249] * 16),
    "unicode": "café 写",
    "backslash": "a\\b",
    "long": "x" * 255,
}


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
@pytest.mark.parametrize("system", [UNIX, WINDOWS])
def test_an_odd_name_that_the_check_accepts_is_unpacked(name: str, system: int) -> None:
    content = zipped({"Dockerfile": "FROM scratch\n", name: ""}, system=system)
    assert Served(content).check() is None
    with unpacked(content) as found:
        assert found.reason is None


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_unusual_zip_is_unpacked_like_any_other(change: Change) -> None:
    with unpacked(change(zipped({"Dockerfile": "FROM scratch\n", "src/main.py": "print()\n"}))) as found:
        assert found.contents() == {b"Dockerfile": b"FROM scratch\n", b"src": "folder", b"src/main.py": b"print()\n"}


# Zips from real archivers


def tree_of(name: str) -> Contents:
    """The tree that a zip of the corpus holds; its README says how they differ."""
    form: Literal["NFC", "NFD"] = "NFD" if name.startswith("macos-ditto") else "NFC"
    tree: dict[str, bytes | str] = {
        "Dockerfile": b"FROM scratch\nCOPY . /\n",
        "run.sh": b"#!/bin/sh\necho hi\n",
        "conf": "folder",
        "conf/naïve.txt": "naïve\n".encode(),
        "conf/日本語.txt": "日本語\n".encode(),
        "a b": "folder",
        "a b/c d.txt": b"spaces\n",
    }
    if not name.startswith("git-archive"):
        tree["empty"] = "folder"
    if name in LINKS:
        tree["link"] = f"-> {unicodedata.normalize(form, 'conf/naïve.txt')}"
    if name in COMPRESSED:
        tree["conf/long.txt"] = b"".join(f"{line}\n".encode() for line in LONG)
    top = "app/" if name in IN_A_FOLDER else ""
    placed = {f"{top}{path}": content for path, content in tree.items()} | ({"app": "folder"} if top else {})
    return {unicodedata.normalize(form, path).encode(): content for path, content in placed.items()}


@pytest.mark.parametrize("name", READABLE)
def test_an_archiver_s_zip_is_unpacked_as_the_check_reads_it(name: str) -> None:
    content = CORPUS[name].read_bytes()
    with unpacked(content) as found:
        contents = found.contents()
        assert found.source
        assert found.source.context == (found.tree / "app" if name in IN_A_FOLDER else found.tree)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        read = {b"/".join(path_of(entry)): kind_of(entry) for entry in archive.infolist() if path_of(entry)}

    assert {path: each for path, each in contents.items() if not path.startswith(b"__MACOSX")} == tree_of(name)
    assert Served(content).check() is None
    kinds = {path: kind(each) for path, each in contents.items()}
    assert read == {path: each for path, each in kinds.items() if path in read or each != "folder"}


def kind(content: bytes | str) -> str:
    """Whether this is a file, a link or a folder."""
    return "folder" if content == "folder" else "link" if isinstance(content, str) else "file"


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_another_compression_of_an_archiver_is_named_and_refused(name: str) -> None:
    content = CORPUS[name].read_bytes()
    with unpacked(content) as found:
        assert f"compressed by {UNREADABLE[name]} which is not supported. Use Deflate." in str(found.reason)
        assert found.reason == Served(content).check()


@pytest.mark.parametrize("name", [name for name in READABLE if name not in WITHOUT_MODES])
def test_an_archiver_s_exec_bit_is_kept(name: str) -> None:
    with unpacked(CORPUS[name].read_bytes()) as found:
        assert found.source
        modes = [(found.source.context / file).stat().st_mode & 0o777 for file in ("run.sh", "Dockerfile")]
    assert modes == [0o755, 0o644]
