"""Draws the life of a status in docs/troubleshooting.md: `PYTHONPATH=functions python -m tools.status_diagram`."""

import re
from collections.abc import Iterator
from pathlib import Path

from core.notifying.statuses import LIFE, OPEN

PAGE = Path(__file__).resolve().parents[1] / "docs" / "troubleshooting.md"
DIAGRAM = re.compile(r"^```mermaid\n.*?^```\n", re.MULTILINE | re.DOTALL)


def diagram() -> str:
    """The diagram. Statuses that aren't final are drawn in one box, which the final ones follow."""
    inside = [f"    {line}" for name in LIFE if name in OPEN for line in steps_to(name)]
    outside = [line for name in LIFE if name not in OPEN for line in steps_to(name)]
    lines = ["[*] --> open", "state open {", *inside, "}", *outside]
    return "\n".join(["```mermaid", "stateDiagram-v2", *(f"    {line}" for line in lines), "```\n"])


def steps_to(name: str) -> Iterator[str]:
    """One line for each step to a status, the first with what the status means."""
    means, follows = LIFE[name]
    within = [before or "[*]" for before in follows if before in OPEN and before != name]
    before = within if name in OPEN else ["open"]
    first, *others = before + [each for each in follows if each not in OPEN]
    yield f"{first} --> {name}: {means}"
    yield from (f"{each} --> {name}" for each in others)


def drawn(text: str) -> str:
    """A page's text with the diagram as it should be."""
    return DIAGRAM.sub(lambda _: diagram(), text)


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text()))
