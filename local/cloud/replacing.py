"""Replaces private functions of the emulator, by name, so that a new release of it can't drop one silently."""

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

type Function = Callable[..., Any]

replaced: dict[str, str] = {}
"""The signature that each replaced name had in the emulator, by the name of its module or class."""


def replaces(owner: ModuleType | type, name: str) -> Callable[[Callable[[Function], Function]], None]:
    """Puts what the decorated function makes of the emulator's own function in that one's place.

    Raises:
        AttributeError: the emulator has no such name.
    """
    original = getattr(owner, name)

    def decorate(make: Callable[[Function], Function]) -> None:
        replaced[f"{owner.__name__}.{name}"] = str(inspect.signature(original))
        setattr(owner, name, make(original))

    return decorate
