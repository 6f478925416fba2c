"""The documents, and what can be read from their text."""

import re
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def section(document: Path, heading: str) -> str:
    """What stands below a heading of the second level, up to the next."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", document.read_text(), re.MULTILINE | re.DOTALL)
    assert found, f"{document.name} has no section {heading}"
    return found[1]


def blocks(text: str, language: str) -> list[str]:
    """The text's blocks of code in a language, those in lists included."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block) for _, block in found]


def rows(text: str, table: int = 0) -> list[list[str]]:
    """The cells of one of a text's tables, by default of the first, row by row, without its heading."""
    lines = re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE)[table].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
