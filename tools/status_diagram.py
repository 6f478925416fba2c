"""The life of an upload's status as a Mermaid diagram. `make documents` writes it into docs/troubleshooting.md."""

from collections.abc import Iterator

from core.notifying.statuses import LIFE, OPEN


def diagram() -> str:
    """The diagram. Statuses that aren't final are drawn in one box, which the final ones follow."""
    inside = [f"    {line}" for name in LIFE if name in OPEN for line in steps_to(name)]
    outside = [line for name in LIFE if name not in OPEN for line in steps_to(name)]
    lines = ["[*] --> open", "state open {", *inside, "}", *outside]
    return "\n".join(["```mermaid", "stateDiagram-v2", *(f"    {line}" for line in lines), "```"])


def steps_to(name: str) -> Iterator[str]:
    """One line for each step to a status, the first with what the status means."""
    means, follows = LIFE[name]
    within = [before or "[*]" for before in follows if before in OPEN and before != name]
    before = within if name in OPEN else ["open"]
    first, *others = before + [each for each in follows if each not in OPEN]
    yield f"{first} --> {name}: {means}"
    yield from (f"{each} --> {name}" for each in others)
