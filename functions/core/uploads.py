"""An upload: one version of one object, and its place in the order of uploads."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.build_tags import is_build_tag

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html: a hexadecimal value
SEQUENCER = re.compile(r"[0-9A-Fa-f]{1,32}")
LONGEST_WRITTEN_KEY = 4000  # assumes: variable-length


class NotAnUploadError(Exception):
    """The message isn't an upload to this stack's bucket. SQS retries it, then moves it to the dead-letter queue."""


@dataclass(frozen=True)
class ObjectVersion:
    """One version of one object in S3."""

    bucket: str
    key: str
    version_id: str

    @property
    def id(self) -> str:
        """8 hex digits that name this version of this object."""
        return self.hash()[:8]

    @property
    def written_key(self) -> str:
        """The key as a JSON string of ASCII characters, as a build's variable has it."""
        return json.dumps(self.key)

    def owns(self, image_tag: str) -> bool:
        """Whether a build tag belongs to this version. A copied object carries another version's tag."""
        return is_build_tag(image_tag) and image_tag.endswith(f"-{self.id}")

    def hash(self, *more: str) -> str:
        """SHA-256, in hex, of the bucket, key, version id and these strings, joined with newlines."""
        return hashlib.sha256("\n".join([self.bucket, self.key, self.version_id, *more]).encode()).hexdigest()


@dataclass(frozen=True)
class Upload:
    """An uploaded version. `time` and `sequencer` come from the event; `size` is in bytes."""

    version: ObjectVersion
    time: datetime
    sequencer: str
    size: int

    @classmethod
    def from_event(cls, event: Mapping[str, Any], bucket: str) -> "Upload":
        """Reads an S3 event from EventBridge.

        The key is used as it is: unlike S3's own notifications, this event doesn't encode it.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html

        Raises:
            NotAnUploadError: it is another event, is about another bucket, or lacks a field.
        """
        try:
            detail = event["detail"]
            uploaded = detail["object"]
            # assumes: event-key-unencoded, event-time-order
            upload = cls(
                version=ObjectVersion(detail["bucket"]["name"], uploaded["key"], uploaded["version-id"]),
                time=datetime.fromisoformat(event["time"]).astimezone(UTC),
                sequencer=uploaded["sequencer"],
                size=int(uploaded["size"]),
            )
            texts = (upload.version.key, upload.version.version_id, upload.sequencer)
            kind = (event["source"], event["detail-type"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise NotAnUploadError(f"The message is no event of an uploaded version: {error!r}") from error
        if kind != ("aws.s3", "Object Created") or upload.version.bucket != bucket:
            raise NotAnUploadError(f"The message is no upload to {bucket}.")
        if not all(isinstance(text, str) for text in texts):
            raise NotAnUploadError("The event's key, version id and sequencer aren't all text.")
        if not SEQUENCER.fullmatch(upload.sequencer):
            raise NotAnUploadError("The event's sequencer isn't a hexadecimal number.")
        return upload

    @property
    def image_tag(self) -> str:
        """The build tag, made from the event. The string order of build tags is the order of uploads."""
        return f"build-{self.time:%Y%m%dT%H%M%SZ}-{self.sequencer.upper()}-{self.version.id}"

    @property
    def is_folder(self) -> bool:
        """Whether it is only a folder marker, which S3's console creates."""
        return self.version.key.endswith("/")

    @property
    def key_is_usable(self) -> bool:
        """Whether the key can be passed to CodeBuild and to the AWS CLI unchanged."""
        control = any(unicodedata.category(character) == "Cc" for character in self.version.key)
        return not control and len(self.version.written_key) <= LONGEST_WRITTEN_KEY
