"""The build tag of a verified image: `build-<time>-<sequencer>-<id>`. Its string order is the order of uploads."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

BUILD_TAG = re.compile(r"build-\d{8}T\d{6}Z-[0-9A-F]{1,32}-[0-9a-f]{8}", re.ASCII)
AHEAD = timedelta(minutes=15)
SETTLED = "settled-"
"""The prefix of a second tag, on images that the lifecycle policy may count."""


def is_build_tag(tag: str) -> bool:
    """Whether this stack could have given the tag to an image. Its time must exist in the calendar."""
    if BUILD_TAG.fullmatch(tag) is None:
        return False
    try:
        time_of(tag)
    except ValueError:
        return False
    return True


def time_of(build_tag: str) -> datetime:
    """The time of a build tag's upload, to the second."""
    return datetime.fromisoformat(build_tag.split("-")[1])


@dataclass(frozen=True)
class BuildTags:
    """A repository's tags that begin with `build-`: ours, `foreign` ones, and `future` ones."""

    ours: tuple[str, ...]
    foreign: tuple[str, ...]
    future: tuple[str, ...]

    @classmethod
    def classified(cls, tags: Iterable[str], now: datetime) -> "BuildTags":
        """Classifies these tags, the oldest first; `now` is in UTC."""
        limit = f"build-{now + AHEAD:%Y%m%dT%H%M%SZ}"
        ours: list[str] = []
        foreign: list[str] = []
        future: list[str] = []
        for tag in sorted(tag for tag in tags if tag.startswith("build-")):
            kind = foreign if not is_build_tag(tag) else future if tag[: len(limit)] > limit else ours
            kind.append(tag)
        return cls(tuple(ours), tuple(foreign), tuple(future))
