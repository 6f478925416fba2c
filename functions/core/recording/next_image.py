"""Decides which image the parameter and `latest` should name, and which images the lifecycle policy may count."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.build_tags import BUILD_TAG, SETTLED

# Only RecordImage writes such a description: the build tag, and the id of the invocation that wrote it.
WRITTEN = re.compile(rf"({BUILD_TAG.pattern}) (\S+)", re.ASCII)
LATEST = "latest"
VERSIONS_KEPT = 100  # https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html


@dataclass(frozen=True)
class Version:
    """One version of the parameter."""

    value: str
    description: str


@dataclass(frozen=True)
class Ledger:
    """The digest of each tag in the repository, and the parameter's versions, the oldest first."""

    tagged: Mapping[str, str]
    history: Sequence[Version]


def written_tags(history: Sequence[Version]) -> list[str | None]:
    """The build tag with which RecordImage wrote each version, the oldest first; None if somebody else wrote it.

    RecordImage's descriptions differ each time, because the id in them does. So if an older version has the same
    description, somebody copied it.
    """
    seen: set[str] = set()
    found: list[str | None] = []
    for version in history:
        written = WRITTEN.fullmatch(version.description)
        found.append(written[1] if written and version.description not in seen else None)
        seen.add(version.description)
    if found and found[-1] and len(history) >= VERSIONS_KEPT and found[-1] < min(filter(None, found[:-1]), default=""):
        # SSM has dropped older versions. A late request's tag is newer than some that are left. A tag older than all
        # of them was copied from a version that SSM has dropped.
        found[-1] = None
    return found


def recorded(history: Sequence[Version]) -> dict[str, str]:
    """The URI that was recorded under each build tag."""
    return {tag: version.value for tag, version in zip(written_tags(history), history, strict=True) if tag}


def high_water_mark(history: Sequence[Version]) -> str:
    """The highest build tag that was recorded; empty if nothing was. Only newer images are recorded.

    If RecordImage wrote the current version with a lower tag, an old request arrived late. Then that lower tag is the
    mark, so that the newest image is recorded again.
    """
    found = written_tags(history)
    highest = max((tag for tag in found if tag), default="")
    current = found[-1] if found else None
    return current if current and current < highest else highest


@dataclass(frozen=True)
class Decision:
    """The build tag of the image to record, or None if nothing has to change, and why."""

    record: str | None
    reason: str


def decide(ledger: Ledger, build_tags: Sequence[str]) -> Decision:
    """Decides whether to record the newest of these build tags, which come oldest first."""
    mark = high_water_mark(ledger.history)
    if not build_tags:
        return Decision(None, "there is no image yet")
    newest = build_tags[-1]
    if newest <= mark:
        return Decision(None, f"nothing is newer than {mark}")
    return Decision(newest, f"{newest} is newer than {mark}" if mark else f"{newest} is the first")


@dataclass(frozen=True)
class Protection:
    """The digest to which `latest` has to move, or None, and the build tags whose images have to be settled."""

    latest: str | None
    settle: tuple[str, ...]


def protection(ledger: Ledger, build_tags: Sequence[str], repository_uri: str) -> Protection:
    """The tags that keep the recorded image from expiring and let older images expire.

    The lifecycle policy keeps `latest` and counts only settled images: those that can no longer be recorded. So neither
    the image in the parameter nor one that may follow it expires, even if the parameter can't be written for weeks.
    """
    mark = high_water_mark(ledger.history)
    place, _, digest = ledger.history[-1].value.partition("@") if ledger.history else ("", "", "")
    moves = place == repository_uri and digest and ledger.tagged.get(LATEST) != digest
    return Protection(
        latest=digest if moves else None,
        settle=tuple(tag for tag in build_tags if tag <= mark and SETTLED + tag not in ledger.tagged),
    )
