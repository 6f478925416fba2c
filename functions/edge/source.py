"""What S3 holds of an upload: the version's bytes, which are read in parts, and its tags."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from core.uploads import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


# What S3 says of a version that is there and that this stack can't open: archived, or under a key that it may not use.
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
CLOSED_CODES = {"InvalidObjectState", "KMS.DisabledException", "KMS.KMSInvalidStateException", "KMS.NotFoundException"}
# How such a message begins. Names of keys and buckets follow in others, so a word of KMS further on says nothing.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
CLOSED_WORDS = {
    "AccessDenied": re.compile(r"User: \S+ is not authorized to perform: kms:\w+ on |The ciphertext refers to "),
    "InvalidRequest": re.compile("The object was stored using a form of Server Side Encryption"),
}


class UnreadableError(Exception):
    """S3 says that this version is gone, archived, or under a key that this stack may not use. It stays so."""


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
            UnreadableError: the version is gone or can't be opened.
            ClientError: S3 refused the request, which says nothing of the version.
            WrongRangeError: S3 gave something else.
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
            raise WrongRangeError(f"S3 gave {given}, not {asked}.")
        return answer["Body"].read()

    def tags(self) -> dict[str, str]:
        """The tags of this version.

        Raises:
            UnreadableError: the version is gone.
            ClientError: S3 refused the request, which says nothing of the version.
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
        """Puts these tags in the place of all that this version has.

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
    """Raises what S3 says of the version as UnreadableError; what S3 says of the request passes through.

    The roles may list the bucket. So S3 answers 404 for what is missing and 405 for a delete marker, and a 403 is a
    right that is missing, unless it is for the key of the content:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    try:
        yield
    except ClientError as error:
        status, said = error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]
        gone = status in {404, 405} and said["Code"] != "NoSuchBucket"
        if gone or (on_content and is_closed(said["Code"], said.get("Message", ""))):
            raise UnreadableError(str(error)) from error
        raise


def is_closed(code: str, message: str) -> bool:
    """Whether S3 refuses a version's content for the version's own sake."""
    words = CLOSED_WORDS.get(code)
    return code in CLOSED_CODES or (words is not None and words.match(message) is not None)
