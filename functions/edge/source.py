"""What S3 holds of an upload: the version's bytes, which are read in parts, and its tags."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from core.uploads import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


# S3 answers these with 400, for a version that nobody reads without its key. Other 400s pass, such as RequestTimeout.
UNDECRYPTABLE = {"InvalidRequest", "KMS.DisabledException", "KMS.KMSInvalidStateException", "KMS.NotFoundException"}


class UnreadableError(Exception):
    """S3 doesn't give this version: it is gone, or this stack may not use the key that it is encrypted with."""


class WrongRangeError(Exception):
    """S3 answered with other bytes than those that it was asked for."""


@dataclass(frozen=True)
class Source:
    """The version of an upload in its bucket; `owner` is the account that the bucket must belong to."""

    client: "S3Client"
    version: ObjectVersion
    owner: str

    def read(self, start: int, stop: int, size: int) -> bytes:
        """The bytes from one place to another of a version of that size.

        Raises:
            UnreadableError: S3 doesn't give this version.
            WrongRangeError: S3 gave something else.
        """
        with unreadable():
            answer = self.client.get_object(
                Bucket=self.version.bucket,
                Key=self.version.key,
                VersionId=self.version.version_id,
                Range=f"bytes={start}-{stop - 1}",
                ExpectedBucketOwner=self.owner,
            )
        asked, given = f"bytes {start}-{stop - 1}/{size}", answer.get("ContentRange", "the whole object")
        if given != asked:
            raise WrongRangeError(f"S3 gave {given}, not {asked}.")
        return answer["Body"].read()

    def tags(self) -> dict[str, str]:
        """The tags of this version.

        Raises:
            UnreadableError: S3 doesn't give them.
        """
        with unreadable():
            answer = self.client.get_object_tagging(
                Bucket=self.version.bucket,
                Key=self.version.key,
                VersionId=self.version.version_id,
                ExpectedBucketOwner=self.owner,
            )
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    def put_tags(self, tags: Mapping[str, str]) -> None:
        """Puts these tags in the place of all that this version has."""
        self.client.put_object_tagging(
            Bucket=self.version.bucket,
            Key=self.version.key,
            VersionId=self.version.version_id,
            ExpectedBucketOwner=self.owner,
            Tagging={"TagSet": [{"Key": name, "Value": value} for name, value in tags.items()]},
        )


@contextmanager
def unreadable() -> Iterator[None]:
    """Tells a version that can't be read from a service that doesn't answer now.

    To those who may not list a bucket, S3 answers 403 for what is missing:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    try:
        yield
    except ClientError as error:
        status, code = error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
        if status in {403, 404, 405} or code in UNDECRYPTABLE:
            raise UnreadableError(str(error)) from error
        raise
