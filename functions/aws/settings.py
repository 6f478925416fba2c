"""A function's settings, from its environment."""

import os
from dataclasses import fields
from typing import TypeVar

Settings = TypeVar("Settings")


class SettingsError(Exception):
    """The function was deployed without a setting that it needs."""


def from_environment(kind: type[Settings]) -> Settings:
    """The settings as a dataclass. Each field comes from the environment variable with its name in capitals.

    Raises:
        SettingsError: a variable isn't set.
    """
    names = {field.name: field.name.upper() for field in fields(kind)}  # type: ignore[arg-type]
    if missing := [name for name in names.values() if not os.environ.get(name)]:
        raise SettingsError(f"The function needs the environment variables {', '.join(missing)}. Deploy the template.")
    return kind(**{field: os.environ[name] for field, name in names.items()})
