"""What the check reads in a zip is what the recipe unpacks, whatever is in the zip and whoever wrote it."""

import io
import struct
import sys
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from zipfile import ZipInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.entries import kind_of, path_of
from tests.recipe.support.unpacking import unpack, unpack_here
from tests.support.served import Served, code
from tests.support.unusual_zips import CHANGES, Change
from tests.support.zips import LINK, MIB, UNIX, WINDOWS, bomb, zipped

CORPUS = Path(__file__).parents[1] / "corpus"
UNREADABLE = {"7z-bzip2", "7z-deflate64", "7z-lzma", "7z-ppmd", "python-zstd"}
READABLE = sorted(path.stem for path in CORPUS.glob("*.zip") if path.stem not in UNREADABLE)
COMPRESSED = {"7z-deflate"}
IN_A_FOLDER = {"git-archive-prefix", "macos-ditto", "macos-ditto-links"}
LINKS = {"info-zip-links", "git-archive", "git-archive-prefix", "7z-links", "bsdtar", "bsdtar-dot", "archiver"} | {
    "macos-ditto-links",
    "macos-zip",
}
WITHOUT_MODES = {"jar", "jszip", "go-create", "mono", "windows-explorer", "7z-windows", "powershell-5"} | {
    "dotnet-windows",
}
LONG = [f"line {number} of a file that is long enough to shrink" for number in range(1, 101)]

# A file, a link, or a folder of such; a folder may be empty.
type Tree = dict[str, "str | Tree"]

names = st.sampled_from(["Dockerfile", "app", "a\\b", ".git", "__MACOSX"])
contents = st.recursive(st.sampled_from(["file", "link"]), lambda inner: st.dictionaries(names, inner, max_size=2))
others = st.dictionaries(names, contents, max_size=2)
# Most have a Dockerfile at their top or in the only folder there: by chance alone few would.
dockerfiles = st.sampled_from([{}, {"Dockerfile": "file"}, {"Dockerfile": "file"}, {"Dockerfile": "link"}])
folders = st.builds(lambda other, dockerfile: other | dockerfile, others, dockerfiles)
trees = folders | st.builds(lambda name, folder: {name: folder}, names, folders)


def leaves(tree: Tree, *above: str) -> Iterator[tuple[list[str], str]]:
    """What has an entry of its own in a zip, each with the path to it."""
    for name, content in tree.items():
        if isinstance(content, str):
            yield [*above, name], content
        elif content:
            yield from leaves(content, *above, name)
        else:
            yield [*above, name, ""], "folder"


@st.composite
def entries(draw: st.DrawFn) -> list[ZipInfo]:
    """The entries of such a tree, in any order, their names in any of the ways in which they can be written."""
    found = []
    for path, kind in draw(trees.map(leaves).map(list).flatmap(st.permutations)):
        start = draw(st.sampled_from(["", "", "./", "../", "/"]))
        separator = draw(st.sampled_from(["/", "/", "//", "/./", "\\"]))
        entry = ZipInfo(start + separator.join(path))
        entry.create_system = UNIX if kind == "link" else draw(st.sampled_from([UNIX, WINDOWS]))
        entry.external_attr = LINK if kind == "link" else 0o644 << 16
        found.append(entry)
    return found


def zip_of(several: list[ZipInfo]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry in several:
            archive.writestr(entry, "" if entry.is_dir() else "elsewhere")
    return buffer.getvalue()


def has_dockerfile(tree: Path) -> bool:
    """The recipe's rule: a regular file at the top, or in the only folder beside `__MACOSX` and dot-files."""
    top = [path for path in tree.iterdir() if not path.name.startswith(".") and path.name != "__MACOSX"]
    if len(top) == 1 and top[0].is_dir() and not top[0].is_symlink():
        tree = top[0]
    return (tree / "Dockerfile").is_file() and not (tree / "Dockerfile").is_symlink()


@settings(max_examples=300)
@given(entries())
def test_the_check_finds_the_dockerfile_where_the_recipe_finds_it(several: list[ZipInfo]) -> None:
    content = zip_of(several)
    with tempfile.TemporaryDirectory() as folder:
        unpacked = unpack_here(content, Path(folder))
        found = "zip-damaged" if unpacked.status else None if has_dockerfile(unpacked.tree) else "no-dockerfile"

    assert code(content) == found


@pytest.mark.parametrize(
    "name",
    ["..", ".", "./", "a\nb", "-x", "*", "/".join(["d"] * 99), "caf\u00e9 \u5199", "a\\b", "x" * 255],
    ids=["above", "itself", "the folder", "a line", "an option", "a star", "deep", "unicode", "a backslash", "long"],
)
@pytest.mark.parametrize("system", [UNIX, WINDOWS])
def test_an_odd_name_that_the_check_takes_is_unpacked(name: str, system: int, tmp_path: Path) -> None:
    content = zipped({"Dockerfile": "FROM scratch\n", name: ""}, system=system)

    assert code(content) is None
    assert unpack(content, tmp_path).words == ""


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_unusual_zip_is_unpacked_as_others_are(change: Change, tmp_path: Path) -> None:
    unpacked = unpack(change(zipped({"Dockerfile": "FROM scratch\n", "src/main.py": "print()\n"})), tmp_path)

    assert unpacked.words == ""
    assert unpacked.contents() == {b"Dockerfile": b"FROM scratch\n", b"src": "folder", b"src/main.py": b"print()\n"}


def test_a_link_that_unpacks_to_much_more_than_it_declares_takes_little_memory(tmp_path: Path) -> None:
    content = bomb(mebibytes=1024).replace(struct.pack("<LH", 1024 * MIB, 5), struct.pack("<LH", 1024, 5))
    content = content.replace(struct.pack("<L", 0o100644 << 16), struct.pack("<L", LINK))
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nulimit -v 524288\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (tmp_path / "work").mkdir()
    unpacked = unpack(content, tmp_path / "work", str(python))

    assert unpacked.status == 6
    assert "Bad CRC-32" in unpacked.words


# By real archivers


def tree_of(name: str) -> dict[bytes, bytes | str]:
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
def test_what_an_archiver_wrote_is_unpacked_as_it_was(name: str, tmp_path: Path) -> None:
    unpacked = unpack((CORPUS / f"{name}.zip").read_bytes(), tmp_path)
    found = {path: content for path, content in unpacked.contents().items() if not path.startswith(b"__MACOSX")}

    assert unpacked.words == ""
    assert found == tree_of(name)


@pytest.mark.parametrize("name", READABLE)
def test_what_an_archiver_wrote_is_read_by_the_check_as_it_is_unpacked(name: str, tmp_path: Path) -> None:
    content = (CORPUS / f"{name}.zip").read_bytes()
    unpacked = unpack(content, tmp_path)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        read = {b"/".join(path_of(entry)): kind_of(entry) for entry in archive.infolist() if path_of(entry)}
    kinds = {
        path: "folder" if content == "folder" else "link" if isinstance(content, str) else "file"
        for path, content in unpacked.contents().items()
    }

    assert code(content) is None
    assert read == {path: kind for path, kind in kinds.items() if path in read or kind != "folder"}


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("7z-deflate64", "Deflate64"),
        ("7z-ppmd", "PPMd"),
        ("python-zstd", "Zstandard"),
        ("7z-lzma", "LZMA"),
        ("7z-bzip2", "bzip2"),
    ],
)
def test_what_an_archiver_compressed_in_another_way_is_rejected_by_its_name(name: str, method: str) -> None:
    rejection = Served((CORPUS / f"{name}.zip").read_bytes()).check()

    assert f"compressed by {method} which is not supported. Use Deflate." in str(rejection)


@pytest.mark.parametrize("name", [name for name in READABLE if name not in WITHOUT_MODES])
def test_an_archiver_s_exec_bit_is_kept(name: str, tmp_path: Path) -> None:
    unpacked = unpack((CORPUS / f"{name}.zip").read_bytes(), tmp_path)
    (script,) = unpacked.tree.rglob("run.sh")
    (dockerfile,) = (path for path in unpacked.tree.rglob("Dockerfile") if "__MACOSX" not in path.parts)

    assert (script.stat().st_mode & 0o777, dockerfile.stat().st_mode & 0o777) == (0o755, 0o644)
