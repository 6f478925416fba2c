"""Builds of the upload in events/object-created.json that have ended."""

from datetime import UTC, datetime
from typing import Any

from core.builds import Build
from tests.unit.support.object_created import upload


def built(status: str, phase: str = "BUILD", **facts: Any) -> Build:
    """A build that ended so, at noon, after its builder ran, if these facts say nothing else."""
    base: dict[str, Any] = {
        "version": upload().version,
        "image_tag": upload().image_tag,
        "ran_builder": True,
        "log": None,
        "ended": datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
    }
    return Build(id="jwt-pizza-service:1", status=status, phase=phase, **(base | facts))
