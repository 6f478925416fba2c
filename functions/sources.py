"""What S3 holds of an upload: the version's bytes, which are read in parts, and its tags."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from botocore.exceptions import ClientError

import clients
from uploads import Upload

# S3 answers these with 400, for a version that nobody reads without its key. Other 400s pass, such as RequestTimeout.
UNDECRYPTABLE = {"InvalidRequest", "KMS.DisabledException", "KMS.KMSInvalidStateException", "KMS.NotFoundException"}


class UnreadableError(Exception):
    """S3 doesn't give this version: it is gone, or this stack may not use the key that it is encrypted with."""


class WrongRangeError(Exception):
    """S3 answered with other bytes than those that it was asked for."""


@dataclass(frozen=True)
class Source:
    """The version of an upload in its bucket; `owner` is the account that the bucket must belong to."""

    upload: Upload
    owner: str

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from one place to another.

        Raises:
            UnreadableError: S3 doesn't give this version.
            WrongRangeError: S3 gave something else.
        """
        with unreadable():
            answer = clients.s3().get_object(
                Bucket=self.upload.bucket,
                Key=self.upload.key,
                VersionId=self.upload.version_id,
                Range=f"bytes={start}-{stop - 1}",
                ExpectedBucketOwner=self.owner,
            )
        expected = f"bytes {start}-{stop - 1}/{self.upload.size}"
        if answer.get("ContentRange") != expected:
            raise WrongRangeError(f"S3 gave {answer.get('ContentRange', 'the whole object')}, not {expected}.")
        return answer["Body"].read()

    def tags(self) -> dict[str, str]:
        """The tags of this version.

        Raises:
            UnreadableError: S3 doesn't give them.
        """
        with unreadable():
            answer = clients.s3().get_object_tagging(
                Bucket=self.upload.bucket,
                Key=self.upload.key,
                VersionId=self.upload.version_id,
                ExpectedBucketOwner=self.owner,
            )
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    def put_tags(self, tags: Mapping[str, str]) -> None:
        """Puts these tags in the place of all that this version has."""
        clients.s3().put_object_tagging(
            Bucket=self.upload.bucket,
            Key=self.upload.key,
            VersionId=self.upload.version_id,
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
