"""Replaces private functions of the emulator, and fails if a new release no longer has one."""

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

type Function = Callable[..., Any]

replaced: dict[str, str] = {}
"""The original signature of each replaced function, by its qualified name."""


def replaces(owner: ModuleType | type, name: str) -> Callable[[Callable[[Function], Function]], None]:
    """Replaces a function of the emulator with the one that the decorated function makes of it.

    Raises:
        AttributeError: the emulator has no such name.
    """
    original = getattr(owner, name)

    def decorate(make: Callable[[Function], Function]) -> None:
        replaced[f"{owner.__name__}.{name}"] = str(inspect.signature(original))
        setattr(owner, name, make(original))

    return decorate
