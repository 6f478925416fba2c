"""The image parameter's history, and auto-deploy's records."""

from typing import Any

from core.notifying.deployments import Record
from core.recording.next_image import Version

OLD, MIDDLE, NEW = (f"build-2026112{day}T101530Z-6B001DC29329D189-225d2c00" for day in range(3))
BY_HAND = "by hand"


def uri(tag: str) -> str:
    """The image that was recorded under a build tag, or another one."""
    return f"123456789012.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service@sha256:{tag}"


def history(*tags: str) -> list[Version]:
    """The image parameter's versions: the first of each tag is recorded, the others are rollbacks."""
    written = [(tag, tag in tags[:number]) for number, tag in enumerate(tags)]
    return [Version(uri(tag), BY_HAND if again else f"{tag} request-{tag}") for tag, again in written]


def record(state: str, tag: str, running: str | None = None, **more: Any) -> Record:
    """What auto-deploy found for the image of this build tag."""
    return Record(state, uri(tag), uri(running) if running else None, **more)
