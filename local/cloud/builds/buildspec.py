"""Parses the parts of a buildspec that this stack uses. Any other key is an error.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from dataclasses import dataclass
from typing import Any

import yaml

PHASES = ("install", "pre_build", "build", "post_build")
"""The phases with commands, in CodeBuild's order."""


class UnknownKeyError(Exception):
    """The buildspec uses something that the local cloud doesn't support."""


@dataclass(frozen=True)
class Phase:
    """A phase by CodeBuild's name, and its commands in order. Empty if the buildspec doesn't have it."""

    name: str
    commands: tuple[str, ...]


def parse(text: str) -> list[Phase]:
    """The four phases of a buildspec: YAML or JSON, with `env.shell: bash` and phases that abort on failure.

    Raises:
        UnknownKeyError: it contains anything else.
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
        UnknownKeyError: it contains anything else, or doesn't abort on failure.
    """
    if phase is None:
        return ()
    only(phase, f"phases.{name}.on-failure", f"phases.{name}.commands")
    if phase.get("on-failure") != "ABORT":
        raise UnknownKeyError(f"The local cloud doesn't know on-failure: {phase.get('on-failure')}.")
    return tuple(phase["commands"])


def only(found: dict[str, Any], *known: str) -> None:
    """Checks that there are only known keys, which are given with their path."""
    for key in found:
        if key not in {name.rpartition(".")[2] for name in known}:
            where = known[0].rpartition(".")[0]
            raise UnknownKeyError(
                f"The local cloud doesn't know the buildspec's key {where + '.' if where else ''}{key}."
            )
