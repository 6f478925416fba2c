"""A good upload: its build is asked for once, with exactly what names it, and its tags say so."""

import pytest

from core import build_requests
from core.uploads import ObjectVersion
from tests.functions.support.bucket import GOOD
from tests.functions.support.starting import BUILD_ID, BUILDING, Starting
from tests.support.zips import zipped


@pytest.mark.parametrize("key", ["jwt-pizza-service.zip", "-a b+c%2B/naïve/日本語/🍕\\.zip", "https://127.0.0.1/x"])
def test_an_upload_is_accepted_and_its_build_asked_for_in_five_requests(starting: Starting, key: str) -> None:
    upload = starting.upload(key=key)
    starting.codebuild_takes()

    assert starting.take(upload) == []
    assert starting.wire.operations == [
        "GetObjectTagging",
        "BatchGetImage",
        "GetObject",
        "PutObjectTagging",
        "StartBuild",
    ]
    version = ObjectVersion(starting.bucket.name, key, upload.version_id)
    request = build_requests.for_upload("jwt-pizza-service", version, upload.tag)
    assert starting.wire.of("StartBuild") == [request]
    assert starting.tags(upload) == upload.status("accepted", BUILDING)
    assert starting.printed.metrics == {"BuildStarted": 1}
    (entry,) = starting.printed.entries("CodeBuild took the build")
    assert (entry["build_id"], entry["image_tag"]) == (BUILD_ID, upload.tag)
    assert (entry["key"], entry["version_id"]) == (upload.key, upload.version_id)


def test_of_a_large_upload_only_the_end_and_the_directory_are_read(starting: Starting) -> None:
    source: dict[str, str | bytes] = {"Dockerfile": "FROM scratch\n", "data": bytes(1 << 20)}
    upload = starting.upload(zipped(source, compression=0))
    starting.codebuild_takes()
    starting.take(upload)
    (asked,) = starting.wire.of("GetObject")
    start, stop = map(int, asked["Range"].removeprefix("bytes=").split("-"))

    assert stop - start < 70_000
    assert starting.printed.metrics == {"BuildStarted": 1}


def test_the_version_that_was_uploaded_is_built_and_no_newer_one(starting: Starting) -> None:
    upload = starting.upload()
    newer = starting.upload(b"no zip")
    starting.codebuild_takes()
    starting.take(upload)

    assert starting.tags(upload) == upload.status("accepted", BUILDING)
    assert starting.tags(newer) == {}


@pytest.mark.parametrize(("content", "builds"), [(b"no zip" * 9, 0), (GOOD, 1)], ids=["bad", "good"])
def test_each_request_of_start_build_to_s3_names_the_version_and_the_buckets_owner(
    starting: Starting, content: bytes, builds: int
) -> None:
    upload = starting.upload(content)
    starting.codebuild_takes(builds)
    starting.take(upload)
    asked = [made for operation, made in starting.wire.requests if "Object" in operation]

    assert len(asked) == 3
    for made in asked:
        assert (made["Bucket"], made["Key"], made["VersionId"]) == (starting.bucket.name, upload.key, upload.version_id)
        assert made["ExpectedBucketOwner"] == "123456789012"


# The uploader's own tags


def test_the_uploaders_own_tags_survive_an_accepted_status(starting: Starting) -> None:
    own = {f"own-{number}": f"value {number}" for number in range(7)}
    upload = starting.upload(tags=own)
    starting.codebuild_takes()
    starting.take(upload)

    assert starting.tags(upload) == own | upload.status("accepted", BUILDING)


def test_where_own_tags_leave_no_room_the_build_starts_without_a_status(starting: Starting) -> None:
    own = {f"own-{number}": f"value {number}" for number in range(8)}
    upload = starting.upload(tags=own)
    starting.codebuild_takes()

    assert starting.take(upload) == []
    assert starting.tags(upload) == own
    assert starting.printed.metrics.keys() == {"BuildStarted", "StatusHasNoPlace"}


@pytest.mark.parametrize(("code", "status"), [("SlowDown", 503), ("AccessDenied", 403)])
def test_a_status_that_s3_does_not_take_holds_up_no_build(starting: Starting, code: str, status: int) -> None:
    upload = starting.upload()
    starting.codebuild_takes()
    starting.wire.fails("PutObjectTagging", code, status)

    assert starting.take(upload) == []
    assert starting.printed.metrics.keys() == {"BuildStarted", "StatusNotWritten"}
