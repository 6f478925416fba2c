"""S3: the bytes of an upload's version, read in ranges, and its tags."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from core.uploads import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


# Error codes for a version that exists but can't be read: archived, or encrypted with a key that this stack can't use.
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
CLOSED_CODES = {"InvalidObjectState", "KMS.DisabledException", "KMS.KMSInvalidStateException", "KMS.NotFoundException"}
# How such messages begin. Other messages quote keys and buckets later on, so only the beginning counts.
# assumes: kms-refusal-words
CLOSED_WORDS = {
    "AccessDenied": re.compile(r"User: \S+ is not authorized to perform: kms:\w+ on |The ciphertext refers to "),
    "InvalidRequest": re.compile("The object was stored using a form of Server Side Encryption"),
}


class UnreadableError(Exception):
    """The version is gone, archived, or encrypted with a key that this stack can't use. Retrying doesn't help."""


class WrongRangeError(Exception):
    """S3 answered with a different range than requested."""


@dataclass(frozen=True)
class Source:
    """An upload's version in its bucket. `owner` is the account that must own the bucket."""

    client: "S3Client"
    version: ObjectVersion
    owner: str

    def read(self, start: int, stop: int, size: int) -> bytes:
        """The bytes from `start` up to `stop` of the version, whose size is `size`.

        Raises:
            UnreadableError: the version is gone or can't be read.
            ClientError: S3 refused the request for another reason.
            WrongRangeError: S3 returned another range.
        """
        with verdicts(on_content=True):
            answer = self.client.get_object(
                Bucket=self.version.bucket,
                Key=self.version.key,
                VersionId=self.version.version_id,
                Range=f"bytes={start}-{stop - 1}",
                ExpectedBucketOwner=self.owner,
            )
        asked, given = f"bytes {start}-{stop - 1}/{size}", answer.get("ContentRange", "the whole object")
        if given != asked:
            raise WrongRangeError(f"S3 returned {given}, not {asked}.")
        return answer["Body"].read()

    def tags(self) -> dict[str, str]:
        """The version's tags.

        Raises:
            UnreadableError: the version is gone.
            ClientError: S3 refused the request for another reason.
        """
        with verdicts():
            answer = self.client.get_object_tagging(
                Bucket=self.version.bucket,
                Key=self.version.key,
                VersionId=self.version.version_id,
                ExpectedBucketOwner=self.owner,
            )
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    def put_tags(self, tags: Mapping[str, str]) -> None:
        """Replaces all tags of the version.

        Raises:
            UnreadableError: the version is gone.
            ClientError: S3 refused the request.
        """
        with verdicts():
            self.client.put_object_tagging(
                Bucket=self.version.bucket,
                Key=self.version.key,
                VersionId=self.version.version_id,
                ExpectedBucketOwner=self.owner,
                Tagging={"TagSet": [{"Key": name, "Value": value} for name, value in tags.items()]},
            )


@contextmanager
def verdicts(*, on_content: bool = False) -> Iterator[None]:
    """Raises UnreadableError for S3 errors about the version; errors about the request pass through.

    The roles may list the bucket. So S3 answers 404 for a missing version and 405 for a delete marker. A 403 means a
    missing permission, unless it is about the key that encrypts the content:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    try:
        yield
    except ClientError as error:
        status, said = error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]
        # assumes: missing-version-404
        gone = status in {404, 405} and said["Code"] != "NoSuchBucket"
        if gone or (on_content and is_closed(said["Code"], said.get("Message", ""))):
            raise UnreadableError(str(error)) from error
        raise


def is_closed(code: str, message: str) -> bool:
    """Whether the error means that the version's content can't be read, whatever the permissions."""
    words = CLOSED_WORDS.get(code)
    return code in CLOSED_CODES or (words is not None and words.match(message) is not None)
