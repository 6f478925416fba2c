"""What the parameter names and named, and which images there are to go back to."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core import images
from core.build_tags import is_build_tag
from core.images import Version
from ship.access import Access
from ship.problem import Problem
from ship.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_ssm.type_defs import ParameterHistoryTypeDef

KEEP = "keep-"
"""Before a build tag: the tag of an image that the lifecycle policy spares."""
MANIFESTS = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
]


@dataclass(frozen=True)
class Naming:
    """One version of the parameter: what it named, since when, who wrote it and with which words."""

    uri: str
    since: datetime
    by: str
    description: str
    build_tag: str | None
    """That of RecordImage's; None where somebody else wrote it."""
    version: int

    @property
    def digest(self) -> str:
        """The image's digest; empty if it is named by something else."""
        return self.uri.partition("@")[2]


@dataclass(frozen=True)
class Records:
    """The parameter's versions, the oldest first, and the digest of each tag in the repository."""

    repository_uri: str
    namings: tuple[Naming, ...]
    tagged: dict[str, str]

    @property
    def current(self) -> Naming:
        """What the parameter names now.

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
        """The build tag of the newest upload that was recorded; empty if there is none that SSM remembers."""
        return max(self.recorded, default="")

    @property
    def current_tag(self) -> str:
        """The build tag of the image that the parameter names; empty if it has none."""
        return self.tag_of(self.current.uri)

    @property
    def is_rolled_back(self) -> bool:
        """Whether the parameter names something else than the newest upload that was recorded."""
        return bool(self.newest) and self.current.uri != self.recorded[self.newest]

    def tag_of(self, uri: str) -> str:
        """The build tag of an image, the highest if it has several; empty if it has none."""
        digest = uri.partition("@")[2]
        found = [tag for tag, each in self.tagged.items() if each == digest and is_build_tag(tag)]
        found += [tag for tag, each in self.recorded.items() if each == uri]
        return max(found, default="")

    def has(self, build_tag: str) -> bool:
        """Whether the repository still has the image."""
        return build_tag in self.tagged

    def protection(self, digest: str) -> str:
        """The tag that keeps an image from expiring; empty if there is none."""
        if self.tagged.get(images.LATEST) == digest:
            return images.LATEST
        pins = [tag for tag, each in self.tagged.items() if each == digest and tag.startswith(KEEP)]
        return min(pins, default="")


def records(access: Access, stack: Stack) -> Records:
    """What the parameter named, as far as SSM remembers it, and the repository's tags."""
    versions = sorted(history(access, stack), key=lambda each: each["Version"])
    written = images.written_tags([Version(each["Value"], each.get("Description", "")) for each in versions])
    namings = tuple(
        Naming(
            uri=each["Value"],
            since=each["LastModifiedDate"],
            by=each.get("LastModifiedUser", "").rpartition("/")[2],
            description=each.get("Description", ""),
            build_tag=tag,
            version=each["Version"],
        )
        for each, tag in zip(versions, written, strict=True)
    )
    return Records(stack.repository_uri, namings, tags(access, stack))


def history(access: Access, stack: Stack) -> "list[ParameterHistoryTypeDef]":
    """The parameter's versions; none if there is no parameter."""
    client = access.ssm
    try:
        pages = list(client.get_paginator("get_parameter_history").paginate(Name=stack.parameter))
    except client.exceptions.ParameterNotFound:
        return []
    return [version for page in pages for version in page["Parameters"]]


def tags(access: Access, stack: Stack) -> dict[str, str]:
    """The digest of each tag in the repository."""
    pages = access.ecr.get_paginator("list_images").paginate(
        repositoryName=stack.repository, filter={"tagStatus": "TAGGED", "imageStatus": "ACTIVE"}
    )
    return {image["imageTag"]: image["imageDigest"] for page in pages for image in page["imageIds"]}
