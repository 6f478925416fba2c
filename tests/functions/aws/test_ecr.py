"""What the repository holds: which tags and images are recorded, however many there are."""

from datetime import timedelta

from botocore.stub import Stubber

from aws import clients
from tests.functions.support.frozen_clock import NOW
from tests.functions.support.recording import Recording
from tests.functions.support.repository import FIRST, OCI, REPOSITORY, SECOND, THIRD, digest, manifest, uri


def test_foreign_and_future_tags_are_reported_and_counted_and_never_recorded(recording: Recording) -> None:
    """tests/unit/core/test_build_tags.py has which they are."""
    foreign = ["build-nightly", f"{SECOND}-by-hand"]
    future = f"build-{NOW + timedelta(minutes=20):%Y%m%dT%H%M%SZ}-0A-0123abcd"
    for tag in (FIRST, *foreign, future, "buildcache", "v1.0", "zzz"):
        recording.registry.push(tag)
    recording.trigger()

    assert recording.value == uri(FIRST)
    assert recording.printed.metrics == {"ImageRecorded": 1, "ForeignTags": 2, "FutureTags": 1}
    entries = recording.printed.entries("These tags are not recorded")
    assert [sorted(entry["tags"]) for entry in entries] == [sorted(foreign), [future]]


def test_all_pages_of_the_repository_count(recording: Recording) -> None:
    # moto gives all at once.
    ecr = Stubber(clients.ecr())
    wanted = {"tagStatus": "TAGGED"}  # and without `imageStatus`, ECR lists nothing archived
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
