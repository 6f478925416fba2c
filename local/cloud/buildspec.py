"""A project's buildspec, as far as this stack's recipe needs it; any other key is refused by its name.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from dataclasses import dataclass
from typing import Any

import yaml


class UnknownKeyError(Exception):
    """The buildspec asks for something that the local cloud doesn't run."""


@dataclass(frozen=True)
class Phase:
    """The commands of the one phase, in order."""

    name: str
    commands: tuple[str, ...]


def parse(text: str) -> Phase:
    """The phase of a buildspec: YAML or JSON, with `env.shell: bash` and one phase that aborts on failure.

    Raises:
        UnknownKeyError: anything else stands in it.
    """
    spec = yaml.safe_load(text)
    only(spec, "version", "env", "phases")
    only(spec["env"], "env.shell")
    only(spec["phases"], *(f"phases.{name}" for name in ("install", "pre_build", "build")))
    if str(spec["version"]) != "0.2" or spec["env"]["shell"] != "bash" or len(spec["phases"]) != 1:
        raise UnknownKeyError("The local cloud runs buildspecs of version 0.2, with bash and a single phase.")
    ((name, phase),) = spec["phases"].items()
    only(phase, f"phases.{name}.on-failure", f"phases.{name}.commands")
    if phase["on-failure"] != "ABORT":
        raise UnknownKeyError(f"The local cloud doesn't know on-failure: {phase['on-failure']}.")
    return Phase(name, tuple(phase["commands"]))


def only(found: dict[str, Any], *known: str) -> None:
    """Refuses any key but the known ones, which are written with their path."""
    for key in found:
        if key not in {name.rpartition(".")[2] for name in known}:
            where = known[0].rpartition(".")[0]
            raise UnknownKeyError(
                f"The local cloud doesn't know the buildspec's key {where + '.' if where else ''}{key}."
            )
