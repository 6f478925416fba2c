"""The recipe's program that unpacks, run by itself."""

import runpy
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from tests.recipe.support.sandbox import COMMANDS

PROGRAM = COMMANDS[0].partition("<< 'PROGRAM'\n")[2].partition("\nPROGRAM\n")[0]


@dataclass(frozen=True)
class Unpacked:
    """What came of it: the program's exit status, its words, and the tree."""

    status: int
    words: str
    tree: Path

    def contents(self) -> dict[bytes, bytes | str]:
        """Each file's content, each link's target after an arrow, and nothing for each folder."""
        found: dict[bytes, bytes | str] = {}
        for path in sorted(self.tree.rglob("*")):
            name = bytes(path.relative_to(self.tree))
            if path.is_symlink():
                found[name] = f"-> {path.readlink()}"
            else:
                found[name] = "folder" if path.is_dir() else path.read_bytes()
        return found


def unpack(content: bytes, folder: Path, python: str = sys.executable) -> Unpacked:
    """Unpacks a zip in a folder that is empty."""
    prepare(content, folder)
    ended = subprocess.run(
        [python, "-I", "unpack.py"], cwd=folder, capture_output=True, text=True, errors="replace", check=False
    )
    return Unpacked(ended.returncode, ended.stderr, folder / "tree")


def unpack_here(content: bytes, folder: Path) -> Unpacked:
    """The same in this process, for tests that unpack hundreds of zips: a Python of its own starts far more slowly."""
    prepare(content, folder)
    status: int | str | None = None
    with chdir(folder), redirect_stdout(StringIO()), redirect_stderr(StringIO()) as words:
        try:
            runpy.run_path("unpack.py")
        except SystemExit as ended:
            status = ended.code
    assert isinstance(status, int), "the program always ends with an exit status"
    return Unpacked(status, words.getvalue(), folder / "tree")


def prepare(content: bytes, folder: Path) -> None:
    """Lays out what the program finds in its folder."""
    (folder / "source.zip").write_bytes(content)
    (folder / "unpack.py").write_text(PROGRAM)
    (folder / "tree").mkdir()
