"""An upload is sent with the checksum of the whole, and is known by its version."""

import base64
import os
import re
import socket
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3.crt
import pytest
import urllib3.util.connection

from core.uploads import ObjectVersion
from ship.aws import s3_transfer
from ship.aws.access import Access
from ship.aws.cloudformation import Stack
from ship.problem import Problem
from tests.unit.ship.support.world import ACCOUNT, STACK, World

MIB = 1024 * 1024


@pytest.fixture
def zipped(tmp_path: Path) -> Path:
    """Something to send."""
    path = tmp_path / "x.zip"
    path.write_bytes(b"a zip")
    return path


def content_of(world: World, version: ObjectVersion) -> bytes:
    """What the bucket has."""
    get = world.access.s3.get_object
    return get(Bucket=version.bucket, Key=version.key, VersionId=version.version_id)["Body"].read()


def checksum_of(content: bytes) -> str:
    """The checksum of a content, as S3 takes it."""
    return base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()


def test_a_small_one_goes_in_one_request(world: World, zipped: Path) -> None:
    told: list[int] = []

    version = s3_transfer.send(world.access, STACK, "x.zip", zipped, told.append)

    (request,) = world.wire.of("PutObject")
    assert (request["ChecksumCRC32"], request["ExpectedBucketOwner"]) == (checksum_of(b"a zip"), ACCOUNT)
    assert sum(told) == 5
    assert content_of(world, version) == b"a zip"
    assert s3_transfer.send(world.access, STACK, "x.zip", zipped, told.append).version_id != version.version_id


def test_a_large_one_goes_in_parts_under_one_checksum_of_the_whole(world: World, tmp_path: Path) -> None:
    path, content = tmp_path / "x.zip", bytes(range(256)) * 4096 * 20
    path.write_bytes(content)

    version = s3_transfer.send(world.access, STACK, "x.zip", path, lambda _: None)

    assert len(world.wire.of("UploadPart")) == 3
    (end,) = world.wire.of("CompleteMultipartUpload")
    assert (end["ChecksumCRC32"], end["ChecksumType"]) == (checksum_of(content), "FULL_OBJECT")
    assert content_of(world, version) == content


def test_of_a_bucket_that_is_known_alone_no_owner_is_expected(world: World, zipped: Path) -> None:
    s3_transfer.send(world.access, Stack(STACK.bucket), "x.zip", zipped, lambda _: None)

    assert "ExpectedBucketOwner" not in world.wire.of("PutObject")[0]


def test_what_s3_refuses_says_which_right_is_missing(world: World, zipped: Path) -> None:
    world.denies("PutObject", "s3:PutObject")

    with pytest.raises(Problem, match="You lack a permission: s3:PutObject"):
        s3_transfer.send(world.access, STACK, "x.zip", zipped, lambda _: None)


def test_a_bucket_without_versions_is_no_source_bucket(world: World, zipped: Path) -> None:
    world.access.s3.create_bucket(Bucket="plain")

    with pytest.raises(Problem, match="has no versioning"):
        s3_transfer.send(world.access, Stack("plain"), "x.zip", zipped, lambda _: None)


def test_the_classic_client_sends_it_also_where_boto3_would_choose_another(
    world: World, zipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("awscrt.s3.is_optimized_for_system", lambda: True)
    monkeypatch.setattr(boto3.crt, "create_crt_transfer_manager", lambda *_: pytest.fail("This is the CRT's client."))

    assert s3_transfer.send(world.access, STACK, "x.zip", zipped, lambda _: None).version_id


def test_a_line_may_stall_for_half_a_minute_while_it_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other end reads half of the body, and looks for how long the sender, which waits now, would go on waiting."""
    path = tmp_path / "x.zip"
    path.write_bytes(os.urandom(4 * MIB))  # more than the kernel takes at once
    ours, theirs = socket.socketpair()
    theirs.settimeout(30)
    patience: list[float | None] = []

    def connected(_: object, timeout: float, *__: object, **___: object) -> socket.socket:
        ours.settimeout(timeout)
        return ours

    def answered() -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += theirs.recv(4096)
        left = int(re.findall(rb"(?i)content-length: (\d+)", head)[0])
        if re.search(rb"(?i)expect: 100-continue", head):
            theirs.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        left -= len(head.partition(b"\r\n\r\n")[2])
        while left:
            left -= len(theirs.recv(min(left, 65536)))
            if left < 2 * MIB and not patience:
                patience.append(ours.gettimeout())
        theirs.sendall(b"HTTP/1.1 200 OK\r\nx-amz-version-id: v1\r\nContent-Length: 0\r\n\r\n")

    monkeypatch.setattr(urllib3.util.connection, "create_connection", connected)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    access = Access(region="us-east-1")
    with ours, theirs, ThreadPoolExecutor() as pool:
        other_end = pool.submit(answered)
        version = s3_transfer.send(access, Stack("bucket"), "x.zip", path, lambda _: None)
        other_end.result()

    assert version.version_id == "v1"
    assert patience == [30]
    # The kernel may still send for minutes while the answer is waited for.
    assert access.s3_uploads.meta.config.read_timeout >= 120  # type: ignore[attr-defined]
