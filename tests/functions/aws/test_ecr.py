"""What the repository holds: which tags and images are recorded, however many there are."""

from datetime import timedelta

import pytest
from botocore.stub import Stubber

from aws import clients
from tests.functions.support.frozen_clock import NOW
from tests.functions.support.recording import Recording
from tests.functions.support.repository import FIRST, OCI, REPOSITORY, SECOND, THIRD, digest, manifest, uri


def ahead(minutes: int) -> str:
    """A build tag of a time to come."""
    return f"build-{NOW + timedelta(minutes=minutes):%Y%m%dT%H%M%SZ}-0A-0123abcd"


@pytest.mark.parametrize("tag", ["latest", "buildcache", "keep-this", "v1.0", "zzz"])
def test_a_tag_that_does_not_begin_as_a_build_tag_is_not_recorded(recording: Recording, tag: str) -> None:
    recording.registry.push(tag)
    recording.trigger()

    assert recording.value is None
    assert recording.printed.metrics == {"NothingToRecord": 1}


@pytest.mark.parametrize("tag", ["build-nightly", "build-99991231T235959Z", f"{SECOND}-by-hand", SECOND.lower()])
def test_a_foreign_tag_is_reported_and_never_recorded(recording: Recording, tag: str) -> None:
    recording.registry.push(FIRST)
    recording.registry.push(tag)
    recording.trigger()

    assert recording.value == uri(FIRST)
    assert recording.printed.metrics == {"ImageRecorded": 1, "ForeignTags": 1}
    (entry,) = recording.printed.entries("These tags are not recorded")
    assert entry["tags"] == [tag]


def test_a_tag_of_a_time_to_come_is_reported_and_not_recorded(recording: Recording) -> None:
    tag = ahead(minutes=20)
    recording.registry.push(FIRST)
    recording.registry.push(tag)
    recording.trigger()

    assert recording.value == uri(FIRST)
    assert recording.printed.metrics == {"ImageRecorded": 1, "FutureTags": 1}
    (entry,) = recording.printed.entries("These tags are not recorded")
    assert entry["tags"] == [tag]


def test_a_build_tag_10_minutes_ahead_is_recorded(recording: Recording) -> None:
    tag = ahead(minutes=10)
    recording.registry.push(tag)
    recording.trigger()

    assert recording.value == uri(tag)


def test_each_foreign_tag_is_counted(recording: Recording) -> None:
    for tag in ("build-1", "build-2", "build-3"):
        recording.registry.push(tag)
    recording.trigger()

    assert recording.printed.metrics == {"NothingToRecord": 1, "ForeignTags": 3}


def test_what_has_no_tag_is_not_asked_for(recording: Recording) -> None:
    recording.registry.push(FIRST)
    recording.trigger()

    (asked,) = recording.wire.of("ListImages")
    assert asked["filter"] == {"tagStatus": "TAGGED"}  # and without `imageStatus`, ECR lists nothing archived


def test_all_pages_of_the_repository_count(recording: Recording) -> None:
    # moto gives all at once.
    ecr = Stubber(clients.ecr())
    wanted = {"tagStatus": "TAGGED"}
    asked = {"repositoryName": REPOSITORY, "filter": wanted, "maxResults": 1000}
    for page, (tag, token) in enumerate({FIRST: "2", THIRD: "3", SECOND: None}.items(), start=1):
        answer = {"imageIds": [{"imageDigest": digest(tag), "imageTag": tag}]} | ({"nextToken": token} if token else {})
        ecr.add_response("list_images", answer, asked | ({"nextToken": str(page)} if page > 1 else {}))
    found = {"imageManifest": manifest(THIRD), "imageManifestMediaType": OCI}
    for tags in (["latest"], [FIRST], [SECOND, THIRD]):
        ecr.add_response("batch_get_image", {"images": [found]})
        for _ in tags:
            ecr.add_response("put_image", {})
    with ecr:
        recording.trigger()

    ecr.assert_no_pending_responses()
    assert recording.value == uri(THIRD)
