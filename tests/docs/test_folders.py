"""Each folder and each module has one subject, so neither is long."""

import re
from pathlib import Path

from tests.docs.support.documents import ROOT

MOST_LINES, MOST_FILES = 250, 12


def folders() -> list[Path]:
    """All folders of the project below its root, without those that tools make."""
    tops = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    below = [path for top in tops for path in top.rglob("*") if path.is_dir()]
    return [path for path in (*tops, *below) if path.name != "__pycache__"]


def test_no_module_is_longer_than_a_reader_takes_in() -> None:
    lines = {path: len(path.read_text().splitlines()) for folder in folders() for path in folder.glob("*.py")}

    assert Path(__file__) in lines
    assert {str(path.relative_to(ROOT)): length for path, length in lines.items() if length > MOST_LINES} == {}


def test_no_folder_has_more_than_a_dozen_files() -> None:
    found = {str(folder.relative_to(ROOT)): sum(each.is_file() for each in folder.iterdir()) for folder in folders()}

    assert {"docs", "tests/docs"} <= found.keys()
    assert {folder: files for folder, files in found.items() if files > MOST_FILES} == {}


def test_every_module_below_tests_is_a_test_or_in_a_support_folder() -> None:
    modules = [path.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("*.py")]
    others = [path for path in modules if not re.fullmatch(r"test_\w+\.py|conftest\.py", path.name)]
    assert others
    assert [str(path) for path in others if "support" not in path.parent.parts] == []
