"""Which image the parameter and `latest` should name, and which images the lifecycle policy may count."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.build_tags import BUILD_TAG, SETTLED

# What RecordImage writes, and nobody else: the build tag and the id of the invocation that wrote it.
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
    """What is known: the digest of each tag in the repository, and the parameter's versions, the oldest first."""

    tagged: Mapping[str, str]
    history: Sequence[Version]


def written_tags(history: Sequence[Version]) -> list[str | None]:
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
    if found and found[-1] and len(history) >= VERSIONS_KEPT and found[-1] < min(filter(None, found[:-1]), default=""):
        # SSM has dropped older versions. A late request is newer than some that are still here; what is older than all
        # of them was copied from a version that is gone.
        found[-1] = None
    return found


def recorded(history: Sequence[Version]) -> dict[str, str]:
    """The URI that was recorded under each build tag."""
    return {tag: version.value for tag, version in zip(written_tags(history), history, strict=True) if tag}


def high_water_mark(history: Sequence[Version]) -> str:
    """The mark above which an image is recorded. Empty where nothing was ever recorded.

    It is the highest tag in the history. Only if RecordImage wrote the current version with a lower one, an old request
    has landed late: then it is that tag, so that the newest image is written again.
    """
    found = written_tags(history)
    highest = max((tag for tag in found if tag), default="")
    current = found[-1] if found else None
    return current if current and current < highest else highest


@dataclass(frozen=True)
class Decision:
    """The build tag of the image that the parameter should name, or None if it names what it should."""

    record: str | None
    reason: str


def decide(ledger: Ledger, build_tags: Sequence[str]) -> Decision:
    """Whether the newest image is to be recorded; `build_tags` are those that may be, the oldest first."""
    mark = high_water_mark(ledger.history)
    if not build_tags:
        return Decision(None, "there is no image yet")
    newest = build_tags[-1]
    if newest <= mark:
        return Decision(None, f"nothing is newer than {mark}")
    return Decision(newest, f"{newest} is newer than {mark}" if mark else f"{newest} is the first")


@dataclass(frozen=True)
class Protection:
    """The digest that `latest` has to move to, or None, and the build tags whose images have to be settled."""

    latest: str | None
    settle: tuple[str, ...]


def protection(ledger: Ledger, build_tags: Sequence[str], repository_uri: str) -> Protection:
    """What keeps the image that the parameter names now from expiring, and lets the older ones expire.

    The lifecycle policy spares `latest` and counts only settled images: those whose turn to be recorded is over. So it
    takes neither what the parameter names nor what it may name next, however long the parameter can't be written.
    """
    mark = high_water_mark(ledger.history)
    place, _, digest = ledger.history[-1].value.partition("@") if ledger.history else ("", "", "")
    moves = place == repository_uri and digest and ledger.tagged.get(LATEST) != digest
    return Protection(
        latest=digest if moves else None,
        settle=tuple(tag for tag in build_tags if tag <= mark and SETTLED + tag not in ledger.tagged),
    )
