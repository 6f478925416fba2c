"""Replaces private functions of the emulator, by name, so that a new release of it can't drop one silently."""

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

type Function = Callable[..., Any]

replaced: dict[str, str] = {}
"""The signature that each replaced name had in the emulator, by `module.name`."""


def replaces(module: ModuleType, name: str) -> Callable[[Callable[[Function], Function]], None]:
    """Puts what the decorated function makes of the emulator's own function in that one's place.

    Raises:
        AttributeError: the emulator has no such name.
    """
    original = getattr(module, name)

    def decorate(make: Callable[[Function], Function]) -> None:
        replaced[f"{module.__name__}.{name}"] = str(inspect.signature(original))
        setattr(module, name, make(original))

    return decorate
