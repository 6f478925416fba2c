"""What the check takes is what the recipe finds in the tree that unzip makes, whatever is in the zip."""

import io
import os
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.zips import LINK, UNIX, WINDOWS
from tests.unit.support.served import code

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
        # unzip knows links of Unix alone.
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


def unpack(content: bytes, folder: Path) -> Path:
    """The tree that the recipe's own command makes; 1 is a warning, as for Windows' backslashes."""
    (folder / "source.zip").write_bytes(content)
    (folder / "tree").mkdir()
    unzipped = subprocess.run(
        ["unzip", "-qq", "source.zip", "-d", "tree"],
        cwd=folder,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert unzipped.returncode in {0, 1}, unzipped.stderr
    return folder / "tree"


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
        found = has_dockerfile(unpack(content, Path(folder)))

    assert code(content) == (None if found else "no-dockerfile")
