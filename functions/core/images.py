"""What is known of the images, and which of them the parameter should name: the recording's decision, without AWS."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

BUILD_TAG = re.compile(r"build-\d{8}T\d{6}Z-[0-9A-F]{1,32}-[0-9a-f]{8}", re.ASCII)
# What RecordImage writes, and nobody else: the build tag and the id of the invocation that wrote it.
WRITTEN = re.compile(rf"({BUILD_TAG.pattern}) (\S+)", re.ASCII)
AHEAD = timedelta(minutes=15)
LATEST = "latest"


def is_build_tag(tag: str) -> bool:
    """Whether the tag is one that this stack gives to a verified image."""
    return BUILD_TAG.fullmatch(tag) is not None


def time_of(build_tag: str) -> datetime:
    """When the upload of a build tag was made, to the second."""
    return datetime.strptime(build_tag.split("-")[1], "%Y%m%dT%H%M%S%z")


@dataclass(frozen=True)
class Tags:
    """The repository's build tags, told apart: `foreign` ones aren't ours, `future` ones have a time to come."""

    builds: tuple[str, ...]
    foreign: tuple[str, ...]
    future: tuple[str, ...]

    @classmethod
    def classified(cls, tags: Iterable[str], now: datetime) -> "Tags":
        """Sorts the tags that begin with `build-`, the oldest first; `now` is in UTC."""
        limit = f"build-{now + AHEAD:%Y%m%dT%H%M%SZ}"
        named = sorted(tag for tag in tags if tag.startswith("build-"))
        ours = [tag for tag in named if is_build_tag(tag)]
        return cls(
            builds=tuple(tag for tag in ours if tag[: len(limit)] <= limit),
            foreign=tuple(tag for tag in named if not is_build_tag(tag)),
            future=tuple(tag for tag in ours if tag[: len(limit)] > limit),
        )


@dataclass(frozen=True)
class Version:
    """One version of the parameter."""

    value: str
    description: str


def marks(history: Sequence[Version]) -> list[str | None]:
    """For each version, oldest first, the build tag that RecordImage wrote it with, or nothing.

    A Description that stands in an older version was kept or copied by somebody else, since the id in it is new each
    time; one of another form was never RecordImage's.
    """
    seen: set[str] = set()
    found: list[str | None] = []
    for version in history:
        written = WRITTEN.fullmatch(version.description)
        found.append(written[1] if written and version.description not in seen else None)
        seen.add(version.description)
    return found


def recorded(history: Sequence[Version]) -> dict[str, str]:
    """The URI that was recorded under each build tag."""
    return {tag: version.value for tag, version in zip(marks(history), history, strict=True) if tag}


def high_water_mark(history: Sequence[Version]) -> str:
    """The high-water mark: a newer image is recorded, an older one isn't. Empty where nothing was ever recorded.

    It is the highest tag in the history. Only if RecordImage wrote the current version with a lower one, an old request
    has landed late: then it is that tag, so that the newest image is written again.
    """
    found = marks(history)
    highest = max((tag for tag in found if tag), default="")
    current = found[-1] if found else None
    return current if current and current < highest else highest


@dataclass(frozen=True)
class Decision:
    """What to do: move `latest` to that digest, then record the image of that tag; None is nothing to do."""

    latest: str | None
    record: str | None
    reason: str


def decide(tagged: Mapping[str, str], builds: Sequence[str], history: Sequence[Version], repository: str) -> Decision:
    """Which image the parameter and `latest` should name.

    Args:
        tagged: the digest of each tag in the repository.
        builds: the build tags that may be recorded, the oldest first.
        history: the parameter's versions, the oldest first.
        repository: the repository's URI.
    """
    highest = high_water_mark(history)
    if builds and builds[-1] > highest:
        newest = builds[-1]
        digest = tagged[newest]
        reason = f"{newest} is newer than {highest}" if highest else f"{newest} is the first"
        return Decision(moved(tagged, digest), newest, reason)
    if not history:
        return Decision(None, None, "there is no image yet")
    place, _, digest = history[-1].value.partition("@")
    if place != repository or not digest:
        return Decision(None, None, "the parameter names no image of this repository by its digest")
    return Decision(moved(tagged, digest), None, f"nothing is newer than {highest or 'what the parameter names'}")


def moved(tagged: Mapping[str, str], digest: str) -> str | None:
    """The digest, if `latest` has to move to it."""
    return None if tagged.get(LATEST) == digest else digest
