"""Hooks into the functions' clients. The clients stay for all tests, since making them takes time; the hooks don't."""

from collections.abc import Callable
from typing import Any

from botocore.client import BaseClient

_hooked: list[tuple[BaseClient, str, Callable[..., Any], str | None]] = []


def hook(client: BaseClient, event: str, handler: Callable[..., Any], unique_id: str | None = None) -> None:
    """Has a handler get an event of the SDK before moto does, until the test's end."""
    client.meta.events.register_first(event, handler, unique_id=unique_id)
    _hooked.append((client, event, handler, unique_id))


def hook_later(client: BaseClient, event: str, handler: Callable[..., Any], unique_id: str | None = None) -> None:
    """The same, behind those that are hooked first."""
    client.meta.events.register(event, handler, unique_id=unique_id)
    _hooked.append((client, event, handler, unique_id))


def unhook_all() -> None:
    """Leaves the clients as they were made."""
    for client, event, handler, unique_id in _hooked:
        client.meta.events.unregister(event, handler, unique_id=unique_id)
    _hooked.clear()
