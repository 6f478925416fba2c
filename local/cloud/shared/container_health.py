"""The health that ECS gives a container, from Docker's."""

from collections.abc import Mapping
from typing import Any


def health(state: Mapping[str, Any]) -> str | None:
    """ECS's status for the `State` that Docker inspects; None while there is no verdict.

    Docker also calls a container unhealthy once it has ended, because its checks have. ECS counts the exit instead.
    """
    status: str = state.get("Health", {}).get("Status", "starting")
    return status.upper() if state["Running"] and status != "starting" else None
