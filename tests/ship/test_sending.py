"""An upload is sent with the checksum of the whole, and is known by its version."""

import base64
import zlib
from pathlib import Path

import pytest

from ship import sending
from ship.problem import Problem
from ship.stack import Stack
from tests.ship.support.world import ACCOUNT, STACK, World

MIB = 1024 * 1024


@pytest.fixture
def zipped(tmp_path: Path) -> Path:
    """Something to send."""
    path = tmp_path / "x.zip"
    path.write_bytes(b"a zip")
    return path


def test_a_small_one_goes_in_one_request(world: World, zipped: Path) -> None:
    told: list[int] = []

    version = sending.send(world.access, STACK, "x.zip", zipped, told.append)

    (request,) = world.wire.of("PutObject")
    assert request["ChecksumCRC32"] == base64.b64encode(zlib.crc32(b"a zip").to_bytes(4, "big")).decode()
    assert request["ExpectedBucketOwner"] == ACCOUNT
    assert sum(told) == 5
    got = world.access.s3.get_object(Bucket=STACK.bucket, Key="x.zip", VersionId=version.version_id)
    assert got["Body"].read() == b"a zip"


def test_a_large_one_goes_in_parts_under_one_checksum_of_the_whole(world: World, tmp_path: Path) -> None:
    path, content = tmp_path / "x.zip", bytes(range(256)) * 4096 * 20
    path.write_bytes(content)

    version = sending.send(world.access, STACK, "x.zip", path, lambda _: None)

    assert len(world.wire.of("UploadPart")) == 3
    (end,) = world.wire.of("CompleteMultipartUpload")
    assert end["ChecksumCRC32"] == base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()
    assert end["ChecksumType"] == "FULL_OBJECT"
    got = world.access.s3.get_object(Bucket=STACK.bucket, Key="x.zip", VersionId=version.version_id)
    assert got["Body"].read() == content


def test_of_a_bucket_that_is_known_alone_no_owner_is_expected(world: World, zipped: Path) -> None:
    sending.send(world.access, Stack(STACK.bucket), "x.zip", zipped, lambda _: None)

    assert "ExpectedBucketOwner" not in world.wire.of("PutObject")[0]


def test_two_are_two_versions(world: World, zipped: Path) -> None:
    first, second = (sending.send(world.access, STACK, "x.zip", zipped, lambda _: None) for _ in range(2))

    assert first.version_id != second.version_id


def test_what_s3_refuses_says_which_right_is_missing(world: World, zipped: Path) -> None:
    world.denies("PutObject", "s3:PutObject")

    with pytest.raises(Problem, match="You lack a permission: s3:PutObject"):
        sending.send(world.access, STACK, "x.zip", zipped, lambda _: None)


def test_a_bucket_without_versions_is_no_source_bucket(world: World, zipped: Path) -> None:
    world.access.s3.create_bucket(Bucket="plain")

    with pytest.raises(Problem, match="keeps no versions"):
        sending.send(world.access, Stack("plain"), "x.zip", zipped, lambda _: None)
