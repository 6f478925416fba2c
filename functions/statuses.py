"""The status of an upload, as tags on the uploaded version."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

STATUS, IMAGE_TAG, REASON, IMAGE_URI = "build-status", "image-tag", "build-reason", "image-uri"
OURS = frozenset({STATUS, IMAGE_TAG, REASON, IMAGE_URI})
FINAL = frozenset({"rejected", "failed", "superseded", "recorded"})
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
MOST_TAGS = 10
LONGEST_VALUE = 256
OTHER = re.compile(r"[^A-Za-z0-9+\-=._:/@]+")


class NoRoomError(Exception):
    """The uploader's own tags leave no room for a status."""


@dataclass(frozen=True)
class Rejection:
    """Why an upload can't be built: a code, and a sentence that says what to do."""

    code: str
    sentence: str

    def __str__(self) -> str:
        """The reason as the uploader reads it."""
        return f"{self.code}: {self.sentence}"


def clean(value: str) -> str:
    """The value as a tag may hold it: any other character is a space, spaces are single, 256 characters at most."""
    return OTHER.sub(" ", value).strip()[:LONGEST_VALUE].strip()


def with_status(tags: Mapping[str, str], status: str, image_tag: str, reason: str) -> dict[str, str]:
    """All tags of a version when it has this status.

    None of the uploader's tags is dropped: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html
    replaces the whole set.

    Raises:
        NoRoomError: the uploader's own tags leave no room.
    """
    theirs = {name: value for name, value in tags.items() if name not in OURS}
    ours = {STATUS: status, IMAGE_TAG: image_tag, REASON: clean(reason)}
    if len(theirs) + len(ours) > MOST_TAGS:
        raise NoRoomError(f"{len(theirs)} tags of the uploader's own leave no room for {len(ours)} more.")
    return theirs | ours


def is_final(tags: Mapping[str, str], image_tag: str) -> bool:
    """Whether the version has a final status of its own; one that came with a copied object has another image tag."""
    return tags.get(IMAGE_TAG) == image_tag and tags.get(STATUS) in FINAL
