"""Uploads a file to S3 in parts, with a checksum of the whole."""

import base64
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from core.uploads import ObjectVersion
from ship.aws.access import Access
from ship.aws.cloudformation import Stack
from ship.aws.errors import in_words, problem_of
from ship.problem import Problem

MIB = 1024 * 1024
# Four at once: the default, ten, is too many for a slow line. The classic client: on some EC2 instances boto3 prefers
# the CRT client, which emits no event with the version.
PARTS = TransferConfig(
    multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB, max_concurrency=4, preferred_transfer_client="classic"
)
ENDS = ("PutObject", "CompleteMultipartUpload")
"""The operations whose response has the version."""


def send(access: Access, stack: Stack, key: str, path: Path, sent: Callable[[int], None]) -> ObjectVersion:
    """Uploads a file and returns its version. Calls `sent` with the bytes of each part that was sent.

    S3 compares its CRC-32 of the object with that of the file, and refuses the upload if they differ:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html

    Raises:
        Problem: S3 refuses it, or can't be reached.
    """
    checksum = crc32(path).to_bytes(4, "big")
    extra = {"ChecksumCRC32": base64.b64encode(checksum).decode(), "ContentType": "application/zip"}
    if stack.account:
        extra["ExpectedBucketOwner"] = stack.account
    versions: list[str] = []

    def note(parsed: dict[str, Any], **_: Any) -> None:
        if "VersionId" in parsed:  # errors have none
            versions.append(parsed["VersionId"])

    with in_words():
        client = access.s3_uploads
    for operation in ENDS:  # upload_file doesn't return the response
        client.meta.events.register(f"after-call.s3.{operation}", note)
    try:
        with in_words():
            client.upload_file(str(path), stack.bucket, key, ExtraArgs=extra, Callback=sent, Config=PARTS)
    except S3UploadFailedError as error:
        refusal = error.__context__
        raise (problem_of(refusal) if isinstance(refusal, ClientError) else Problem(str(error))) from error
    finally:
        for operation in ENDS:
            client.meta.events.unregister(f"after-call.s3.{operation}", note)
    if not versions:
        raise Problem(f"The bucket {stack.bucket} has no versioning, so it isn't a source bucket.", "Check its name.")
    return ObjectVersion(stack.bucket, key, versions[-1])


def crc32(path: Path) -> int:
    """The CRC-32 of a file's content."""
    crc = 0
    with path.open("rb") as opened:
        while block := opened.read(MIB):
            crc = zlib.crc32(block, crc)
    return crc
