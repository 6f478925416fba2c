"""The assumptions about AWS, as docs/assumptions.toml lists them."""

import tomllib
from dataclasses import dataclass

from local.emulator import ROOT

FILE = ROOT / "docs" / "assumptions.toml"


@dataclass(frozen=True)
class Assumption:
    """Something that the project believes about AWS and hasn't seen."""

    id: str
    claim: str
    breaks: str
    fallback: str
    emulated: bool
    """Whether the local cloud behaves as the claim says."""
    switch: str = ""
    """The local cloud's setting that breaks it on purpose."""


def all_of_them() -> dict[str, Assumption]:
    """The assumptions by id, in the order of the list."""
    listed = tomllib.loads(FILE.read_text())
    return {
        name: Assumption(
            name, each["claim"], each["breaks"], each["fallback"], each.get("emulated", False), each.get("switch", "")
        )
        for name, each in listed.items()
    }
