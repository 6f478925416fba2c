"""The bucket with its uploads: versions, their events, and their tags."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from tests.functions.support.lambdas import OWN
from tests.support.stack import event
from tests.support.zips import zipped

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

GOOD = zipped({"Dockerfile": "FROM scratch\n"})


@cache
def s3() -> "S3Client":
    """The tests' own client."""
    return boto3.client("s3")


@dataclass(frozen=True)
class Upload:
    """One uploaded version, and its event."""

    key: str
    version_id: str
    event: dict[str, Any]

    @property
    def id(self) -> str:
        """Its ID, by the contract."""
        return hashlib.sha256("\n".join([OWN, self.key, self.version_id]).encode()).hexdigest()[:8]

    @property
    def tag(self) -> str:
        """Its build tag, by the contract."""
        moment = datetime.fromisoformat(self.event["time"]).astimezone(UTC)
        return f"build-{moment:%Y%m%dT%H%M%SZ}-{self.event['detail']['object']['sequencer'].upper()}-{self.id}"

    def at(self, time: str) -> "Upload":
        """The same version in an event of another time."""
        return Upload(self.key, self.version_id, self.event | {"time": time})

    def status(self, status: str, reason: str) -> dict[str, str]:
        """The tags of the upload when it has this status and no others."""
        return {"build-status": status, "image-tag": self.tag, "build-reason": reason}

    def recorded(self, uri: str) -> dict[str, str]:
        """The tags of the upload when its image was recorded and it has no others."""
        return {"build-status": "recorded", "image-tag": self.tag, "image-uri": uri}


class Bucket:
    """The bucket, as the tests change and read it."""

    def __init__(self) -> None:
        """Makes it, empty."""
        self.name = OWN
        self._s3 = s3()
        self._s3.create_bucket(Bucket=self.name)
        self._s3.put_bucket_versioning(Bucket=self.name, VersioningConfiguration={"Status": "Enabled"})

    def upload(
        self,
        content: bytes = GOOD,
        key: str = "jwt-pizza-service.zip",
        tags: Mapping[str, str] | None = None,
        size: int | None = None,
    ) -> Upload:
        """Uploads a version, whose event may lie about its size."""
        version_id = self._s3.put_object(Bucket=self.name, Key=key, Body=content)["VersionId"]
        created = event("object-created")
        created["detail"]["object"] |= {"key": key, "size": len(content) if size is None else size}
        created["detail"]["object"]["version-id"] = version_id
        uploaded = Upload(key, version_id, created)
        if tags:
            self.tag(uploaded, tags)
        return uploaded

    def tag(self, upload: Upload, tags: Mapping[str, str]) -> None:
        """Puts these tags in the place of the upload's own."""
        self._s3.put_object_tagging(
            Bucket=self.name,
            Key=upload.key,
            VersionId=upload.version_id,
            Tagging={"TagSet": [{"Key": name, "Value": value} for name, value in tags.items()]},
        )

    def untag(self, key: str, version_id: str) -> None:
        """Takes all tags of a version away."""
        self._s3.delete_object_tagging(Bucket=self.name, Key=key, VersionId=version_id)

    def tags(self, upload: Upload) -> dict[str, str]:
        """The upload's tags."""
        found = self._s3.get_object_tagging(Bucket=self.name, Key=upload.key, VersionId=upload.version_id)
        return {tag["Key"]: tag["Value"] for tag in found["TagSet"]}

    def remove(self, upload: Upload) -> None:
        """Removes the version."""
        self._s3.delete_object(Bucket=self.name, Key=upload.key, VersionId=upload.version_id)
