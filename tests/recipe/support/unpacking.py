"""The recipe's program that unpacks, run by itself."""

import subprocess
import sys
from dataclasses import dataclass
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
    (folder / "source.zip").write_bytes(content)
    (folder / "unpack.py").write_text(PROGRAM)
    (folder / "tree").mkdir()
    ended = subprocess.run(
        [python, "-I", "unpack.py"], cwd=folder, capture_output=True, text=True, errors="replace", check=False
    )
    return Unpacked(ended.returncode, ended.stderr, folder / "tree")
