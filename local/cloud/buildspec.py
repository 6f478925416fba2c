"""A project's buildspec, as far as this stack needs it; any other key is refused by its name.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from dataclasses import dataclass
from typing import Any

import yaml

PHASES = ("install", "pre_build", "build", "post_build")
"""The phases in which a buildspec's commands run, in CodeBuild's order."""


class UnknownKeyError(Exception):
    """The buildspec asks for something that the local cloud doesn't run."""


@dataclass(frozen=True)
class Phase:
    """A phase by CodeBuild's name of it, and its commands in order: none where the buildspec leaves it out."""

    name: str
    commands: tuple[str, ...]


def parse(text: str) -> list[Phase]:
    """The four phases of a buildspec: YAML or JSON, with `env.shell: bash` and phases that abort on failure.

    Raises:
        UnknownKeyError: anything else stands in it.
    """
    spec = yaml.safe_load(text)
    only(spec, "version", "env", "phases")
    only(spec["env"], "env.shell")
    only(spec["phases"], *(f"phases.{name}" for name in PHASES))
    if str(spec["version"]) != "0.2" or spec["env"]["shell"] != "bash":
        raise UnknownKeyError("The local cloud runs buildspecs of version 0.2, with bash.")
    return [Phase(name.upper(), commands(name, spec["phases"].get(name))) for name in PHASES]


def commands(name: str, phase: dict[str, Any] | None) -> tuple[str, ...]:
    """The commands of a phase.

    Raises:
        UnknownKeyError: anything but commands stands in it, or something is to run after one that failed.
    """
    if phase is None:
        return ()
    only(phase, f"phases.{name}.on-failure", f"phases.{name}.commands")
    if phase.get("on-failure") != "ABORT":
        raise UnknownKeyError(f"The local cloud doesn't know on-failure: {phase.get('on-failure')}.")
    return tuple(phase["commands"])


def only(found: dict[str, Any], *known: str) -> None:
    """Refuses any key but the known ones, which are written with their path."""
    for key in found:
        if key not in {name.rpartition(".")[2] for name in known}:
            where = known[0].rpartition(".")[0]
            raise UnknownKeyError(
                f"The local cloud doesn't know the buildspec's key {where + '.' if where else ''}{key}."
            )
