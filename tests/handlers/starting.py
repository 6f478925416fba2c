"""All that StartBuild works with: the bucket, the repository, a CodeBuild that answers as it is told, and its queue."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.stub import Stubber

import clients
import start_build
from tests.handlers.lambdas import OWN, Printed, context
from tests.handlers.registry import Registry
from tests.handlers.wire import Wire
from tests.recipe.zips import zipped
from tests.template.stack import event

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

GOOD = zipped({"Dockerfile": "FROM scratch\n"})
BUILD_ID = "jwt-pizza-service:5a6b2f4e-93c1-4d7a-8e0f-2b9d51c7a360"
BUILDING = "A build is queued or runs."


@cache
def s3() -> "S3Client":
    """The tests' own client."""
    return boto3.client("s3")


@dataclass(frozen=True)
class Upload:
    """One uploaded version, and what EventBridge tells of it."""

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


@dataclass
class Starting:
    """StartBuild with its world; CodeBuild refuses to be asked more often than it is told to answer."""

    printed: Printed
    bucket: str = OWN
    wire: Wire = field(init=False)
    registry: Registry = field(init=False)

    def __post_init__(self) -> None:
        self._s3 = s3()
        self._s3.create_bucket(Bucket=self.bucket)
        self._s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        self.registry = Registry()
        # moto ignores what StartBuild overrides.
        self.codebuild = Stubber(clients.codebuild())
        self.codebuild.activate()
        self.wire = Wire((clients.s3(), clients.ecr(), clients.codebuild()))

    def upload(
        self,
        content: bytes = GOOD,
        key: str = "jwt-pizza-service.zip",
        tags: Mapping[str, str] | None = None,
        size: int | None = None,
    ) -> Upload:
        """Uploads a version, whose event may lie about its size."""
        version_id = self._s3.put_object(Bucket=self.bucket, Key=key, Body=content)["VersionId"]
        told = event("object-created")
        told["detail"]["object"] |= {"key": key, "size": len(content) if size is None else size}
        told["detail"]["object"]["version-id"] = version_id
        uploaded = Upload(key, version_id, told)
        if tags:
            self.tag(uploaded, tags)
        return uploaded

    def tag(self, upload: Upload, tags: Mapping[str, str]) -> None:
        """Puts these tags in the place of the upload's own."""
        self._s3.put_object_tagging(
            Bucket=self.bucket,
            Key=upload.key,
            VersionId=upload.version_id,
            Tagging={"TagSet": [{"Key": name, "Value": value} for name, value in tags.items()]},
        )

    def tags(self, upload: Upload) -> dict[str, str]:
        """The upload's tags."""
        found = self._s3.get_object_tagging(Bucket=self.bucket, Key=upload.key, VersionId=upload.version_id)
        return {tag["Key"]: tag["Value"] for tag in found["TagSet"]}

    def remove(self, upload: Upload) -> None:
        """Removes the version."""
        self._s3.delete_object(Bucket=self.bucket, Key=upload.key, VersionId=upload.version_id)

    def codebuild_takes(self, builds: int = 1) -> None:
        """Has CodeBuild take that many builds."""
        for _ in range(builds):
            self.codebuild.add_response("start_build", {"build": {"id": BUILD_ID}})

    def codebuild_refuses(self, code: str) -> None:
        """Has CodeBuild refuse a build."""
        self.codebuild.add_client_error("start_build", code, http_status_code=400)

    def take(self, *bodies: Upload | str) -> list[int]:
        """Has the function take a batch; the messages that have to come again, by their place in it."""
        (envelope,) = event("upload-queue")["Records"]
        texts = [body if isinstance(body, str) else json.dumps(body.event) for body in bodies]
        records = [envelope | {"messageId": f"message-{place}", "body": text} for place, text in enumerate(texts)]
        answer = start_build.handler({"Records": records}, context())
        return [int(each["itemIdentifier"].removeprefix("message-")) for each in answer["batchItemFailures"]]
