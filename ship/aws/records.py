"""The parameter's versions, and the images in the repository."""

from dataclasses import dataclass
from datetime import datetime

from aws import ecr, ssm
from core.build_tags import is_build_tag
from core.recording import next_image
from ship.aws.access import Access
from ship.aws.cloudformation import Stack
from ship.problem import Problem

KEEP = "keep-"
"""Prefix of a tag that keeps an image from expiring."""


@dataclass(frozen=True)
class Naming:
    """A version of the parameter: its image, and when, by whom and with which description it was written."""

    uri: str
    since: datetime
    by: str
    description: str
    build_tag: str | None
    """The build tag that RecordImage recorded. None if somebody else wrote the version."""
    version: int

    @property
    def digest(self) -> str:
        """The image's digest. Empty if the URI has none."""
        return self.uri.partition("@")[2]


@dataclass(frozen=True)
class Records:
    """The parameter's versions, the oldest first, and the digest of each tag in the repository."""

    repository_uri: str
    namings: tuple[Naming, ...]
    tagged: dict[str, str]

    @property
    def current(self) -> Naming:
        """The parameter's current version.

        Raises:
            Problem: nothing was recorded yet.
        """
        if not self.namings:
            raise Problem("Nothing is recorded yet.", "Upload a source first.")
        return self.namings[-1]

    @property
    def recorded(self) -> dict[str, str]:
        """The URI that was recorded under each build tag, the oldest first."""
        return dict(sorted((each.build_tag, each.uri) for each in self.namings if each.build_tag))

    @property
    def newest(self) -> str:
        """The newest build tag that was recorded. Empty if SSM's history has none."""
        return max(self.recorded, default="")

    @property
    def current_tag(self) -> str:
        """The build tag of the image that the parameter names. Empty if it has none."""
        return self.tag_of(self.current.uri)

    @property
    def is_rolled_back(self) -> bool:
        """Whether the parameter names another image than the newest recorded one."""
        return bool(self.newest) and self.current.uri != self.recorded[self.newest]

    def tag_of(self, uri: str) -> str:
        """An image's build tag, the highest if it has several. Empty if it has none."""
        digest = uri.partition("@")[2]
        found = [tag for tag, each in self.tagged.items() if each == digest and is_build_tag(tag)]
        found += [tag for tag, each in self.recorded.items() if each == uri]
        return max(found, default="")

    def has(self, build_tag: str) -> bool:
        """Whether the repository still has the image."""
        return build_tag in self.tagged

    def protection(self, digest: str) -> str:
        """The tag that keeps an image from expiring. Empty if there is none."""
        if self.tagged.get(next_image.LATEST) == digest:
            return next_image.LATEST
        pins = [tag for tag, each in self.tagged.items() if each == digest and tag.startswith(KEEP)]
        return min(pins, default="")


def records(access: Access, stack: Stack) -> Records:
    """The parameter's history, as far as SSM keeps it, and the repository's tags."""
    history = ssm.history(access.ssm, stack.parameter)
    written = next_image.written_tags(ssm.versions(history))
    namings = tuple(
        Naming(
            uri=each["Value"],
            since=each["LastModifiedDate"],
            by=each.get("LastModifiedUser", "").rpartition("/")[2],
            description=each.get("Description", ""),
            build_tag=tag,
            version=each["Version"],
        )
        for each, tag in zip(history, written, strict=True)
    )
    return Records(stack.repository_uri, namings, ecr.tagged(access.ecr, stack.repository))
