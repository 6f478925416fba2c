"""How far an upload is followed."""

from enum import StrEnum


class Until(StrEnum):
    """Until its image is recorded, or until ECS runs the image or has given it up."""

    RECORDED = "recorded"
    RUNNING = "running"
