"""Selects and orders the builds that a resync looks at, from pages of the project's builds, the newest first."""

from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.notifying.retry_policy import FRESH, LOOK_BACK, RECENT, SAME_STORY, SCHEDULE

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

    Pages = Iterable[list[BuildTypeDef]]

STEP = 100
"""The number of builds by which each resync starts later in the backlog."""


def of_resync(pages: "Pages", now: datetime) -> "Iterator[tuple[BuildTypeDef, bool]]":
    """The builds that a resync looks at, each with whether its end is fresh.

    Builds of the last day come first, the newest at the front. Older ones, up to 14 days, follow in rotation.
    """
    older: list[BuildTypeDef] = []
    for page in pages:
        ages = [now - build.get("endTime", now) for build in page]
        for build, age in zip(page, ages, strict=True):
            if age < RECENT:
                yield build, age < FRESH
            elif age < LOOK_BACK:
                older.append(build)
        if min(ages, default=LOOK_BACK) >= LOOK_BACK:
            break
    yield from ((build, False) for build in in_turn(older, now))


def in_turn(builds: Sequence[Any], now: datetime) -> list[Any]:
    """The builds, rotated by another 100 at each resync, so that every old build eventually comes first."""
    if not builds:
        return []
    start = int(now.timestamp() // SCHEDULE.total_seconds()) * STEP % len(builds)
    return [*builds[start:], *builds[:start]]


def of_same_story(pages: "Pages", now: datetime) -> "list[BuildTypeDef]":
    """The builds that were submitted in the last two days."""
    found: list[BuildTypeDef] = []
    for page in pages:
        young = [build for build in page if now - build["startTime"] < SAME_STORY]
        found += young
        if len(young) < len(page):
            break
    return found


def of_tags(image_tags: Set[str], pages: "Pages") -> "Iterator[BuildTypeDef]":
    """The newest build of each of these build tags, until all are found."""
    missing = set(image_tags)
    for page in pages if missing else ():
        for build in page:
            if found := next((tag for tag in missing if is_of(tag, build)), None):
                missing.remove(found)
                yield build
        if not missing:
            return


def is_of(image_tag: str, build: "BuildTypeDef") -> bool:
    """Whether a build was started for this build tag."""
    variables = build["environment"].get("environmentVariables", [])
    return any(each["name"] == "IMAGE_TAG" and each["value"] == image_tag for each in variables)
