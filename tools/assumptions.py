"""Our unproven assumptions about AWS: docs/assumptions.toml, which `make documents` writes into two pages."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).resolve().parents[1] / "docs" / "assumptions.toml"
AREAS = {
    "permissions": "Permissions",
    "builds": "Builds",
    "registry": "The registry",
    "ecs": "ECS",
    "monitoring": "Monitoring",
    "ship": "`ship`",
    "events": "Events and functions",
    "stacks": "Stacks",
}
"""The areas in the pages' order, with their headings."""
UNDOCUMENTED = "not documented: "


@dataclass(frozen=True)
class Assumption:
    """One assumption: docs/assumptions.toml describes the fields. `files` can't hold a mark."""

    id: str
    area: str
    claim: str
    source: str
    breaks: str
    fallback: str
    check: str
    here: str = ""
    emulated: bool = False
    switch: str = ""
    files: tuple[str, ...] = ()


def read(text: str) -> list[Assumption]:
    """The assumptions in a list, in its order.

    Raises:
        TypeError: one lacks a field, or has one that isn't known.
    """
    tables = tomllib.loads(text)
    return [Assumption(id=name, files=tuple(each.pop("in", ())), **each) for name, each in tables.items()]


ALL = read(LIST.read_text())


def of_area(area: str) -> list[Assumption]:
    """The assumptions of one area."""
    return [each for each in ALL if each.area == area]


def page() -> str:
    """Every assumption with all that the list says about it, by area."""
    return "\n\n".join(part for area in AREAS for part in [f"## {AREAS[area]}", *map(entry, of_area(area))])


def entry(assumption: Assumption) -> str:
    """An assumption below a heading of its own, which is its id."""
    facts = {
        "Source": "; ".join(sources(assumption.source)),
        "If it is false": assumption.breaks,
        "Then": assumption.fallback,
        "What decides it": assumption.check,
        "In the local cloud": in_local_cloud(assumption),
    }
    return "\n".join([f"### {assumption.id}", "", assumption.claim, "", *facts_in(facts)])


def facts_in(facts: dict[str, str]) -> Iterator[str]:
    """A line for each fact that there is."""
    return (f"- **{name}**: {says}" for name, says in facts.items() if says)


def sources(source: str) -> list[str]:
    """The links in a source, or its own words."""
    return [source] if source.startswith(UNDOCUMENTED) else [f"<{link}>" for link in source.split()]


def in_local_cloud(assumption: Assumption) -> str:
    """How the local cloud behaves: as the claim says, or otherwise. Empty if it has no such behavior."""
    broken = f"The setting `{assumption.switch}` breaks it." if assumption.switch else ""
    return " ".join(filter(None, ["It behaves so." if assumption.emulated else "", assumption.here, broken]))


def unproven() -> str:
    """The claims by area, with links to the page that has the rest."""
    return "\n\n".join(f"{AREAS[area]}:\n\n" + "\n".join(map(line, of_area(area))) for area in AREAS)


def line(assumption: Assumption) -> str:
    """An assumption in one line, with what the local cloud does instead."""
    mark = "\\*" if assumption.emulated else ""
    here = f" Here: {assumption.here}" if assumption.here else ""
    return f"- [{assumption.id}](assumptions.md#{assumption.id}){mark}: {assumption.claim}{here}"
