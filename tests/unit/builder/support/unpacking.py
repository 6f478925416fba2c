"""The builder's unpacking alone, without an engine or AWS."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from builder import source, state
from builder.commands import Failed
from core.reasons import Reason

Contents = dict[bytes, bytes | str]
"""Each file's content, each link's target after an arrow, and `folder` for each folder."""


@dataclass(frozen=True)
class Unpacked:
    """The source from an archive, or why there is none, and everything that was written."""

    source: source.Source | None
    reason: Reason | None
    tree: Path

    @property
    def code(self) -> str | None:
        """The reason's code, if there is one."""
        return self.reason.code if self.reason else None

    def contents(self) -> Contents:
        """The unpacked files, links and folders."""
        found: Contents = {}
        for path in sorted(self.tree.rglob("*")):
            name = bytes(path.relative_to(self.tree))
            if path.is_symlink():
                found[name] = f"-> {path.readlink()}"
            else:
                found[name] = "folder" if path.is_dir() else path.read_bytes()
        return found


@contextmanager
def unpacked(content: bytes) -> Iterator[Unpacked]:
    """An unpacked archive while the block runs. Its path is as short as in a build."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name, chdir(name), patch.object(tempfile, "tempdir", f"{name}/t"):
        folder = Path(name)
        (folder / "t").mkdir()
        (folder / state.FOLDER).mkdir()
        source.ARCHIVE.write_bytes(content)
        found, reason = None, None
        with redirect_stdout(io.StringIO()):
            try:
                found = source.unpack("Dockerfile")
            except Failed as failed:
                reason = failed.reason
        (given,) = (folder / "t").iterdir()
        assert {path.name for path in given.iterdir()} <= {"tree", "dockerfile"}
        yield Unpacked(found, reason, given / "tree")
