"""Recording: the newest image becomes `latest`, then what the parameter names. Once, whatever the trigger."""

import pytest

from tests.functions.support.recording import PARAMETER, Recording
from tests.functions.support.repository import (
    DOCKER,
    DOCKER_LIST,
    FIRST,
    OCI,
    OCI_INDEX,
    REPOSITORY,
    SECOND,
    digest,
    manifest,
    uri,
)
from tests.support.stack import event

TRIGGERS = event("trigger-queue")["Records"]
WRITES = {"PutImage", "PutParameter"}


def written(recording: Recording) -> list[str]:
    return [operation for operation in recording.wire.operations if operation in WRITES]


# The first image


@pytest.mark.parametrize("kind", [OCI, DOCKER])
def test_an_image_is_recorded_with_exactly_these_requests(recording: Recording, kind: str) -> None:
    recording.registry.push("latest", image="what people pushed by hand")
    recording.registry.push(FIRST, kind=kind)
    request_id = recording.trigger(TRIGGERS)

    assert recording.wire.operations == [
        "ListImages",
        "GetParameterHistory",
        "BatchGetImage",
        "PutParameter",
        "PutImage",  # latest
        "PutImage",  # settled
        "GetParameterHistory",  # auto-deploy's
    ]
    (asked,) = recording.wire.of("BatchGetImage")
    # moto gives what it has. ECR converts a manifest for those who don't accept its kind.
    assert set(asked["acceptedMediaTypes"]) == {OCI, DOCKER, OCI_INDEX, DOCKER_LIST}
    assert asked["imageIds"] == [{"imageDigest": digest(FIRST, kind)}]
    value = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service@{digest(FIRST, kind)}"
    assert recording.wire.of("PutParameter") == [
        {
            "Name": PARAMETER,
            "Value": value,
            "Description": f"{FIRST} {request_id}",
            "Type": "String",
            "DataType": "text",
            "Overwrite": True,
        }
    ]
    assert recording.wire.of("PutImage") == [
        {
            "repositoryName": REPOSITORY,
            "imageTag": tag,
            "imageDigest": digest(FIRST, kind),
            "imageManifest": manifest(FIRST, kind),
            "imageManifestMediaType": kind,
        }
        for tag in ("latest", f"settled-{FIRST}")
    ]
    assert recording.registry.tags() == dict.fromkeys([FIRST, "latest", f"settled-{FIRST}"], digest(FIRST, kind))
    assert recording.printed.metrics == {"ImageRecorded": 1}
    (entry,) = recording.printed.entries("Decided")
    assert (entry["record"], entry["function_request_id"]) == (FIRST, request_id)
    assert FIRST in entry["reason"]


def test_where_there_is_no_image_nothing_is_written(recording: Recording) -> None:
    recording.trigger()

    assert written(recording) == []
    assert recording.value is None
    assert recording.printed.metrics == {"NothingToRecord": 1}


# Which image


def test_a_second_trigger_writes_nothing(recording: Recording) -> None:
    recording.registry.push(FIRST)
    recording.trigger()
    recording.wire.forget()
    recording.trigger()

    assert written(recording) == []
    assert recording.wire.operations == ["ListImages", "GetParameterHistory", "GetParameterHistory"]


def test_a_newer_image_is_recorded(recording: Recording) -> None:
    recording.registry.push(FIRST)
    first = recording.trigger()
    recording.registry.push(SECOND)
    second = recording.trigger()

    assert recording.versions() == [(uri(FIRST), f"{FIRST} {first}"), (uri(SECOND), f"{SECOND} {second}")]
    assert recording.registry.latest == digest(SECOND)


def test_an_older_upload_whose_build_ends_later_is_not_recorded(recording: Recording) -> None:
    recording.registry.push(SECOND)
    recording.trigger()
    recording.registry.push(FIRST)
    recording.wire.forget()
    recording.trigger()

    assert recording.value == uri(SECOND)
    assert recording.registry.latest == digest(SECOND)
    assert [asked["imageTag"] for asked in recording.wire.of("PutImage")] == [f"settled-{FIRST}"]
    assert "PutParameter" not in written(recording)


def test_two_uploads_that_gave_the_same_image_are_both_recorded(recording: Recording) -> None:
    recording.registry.push(FIRST, image="shared")
    first = recording.trigger()
    recording.registry.push(SECOND, image="shared")
    second = recording.trigger()

    assert recording.versions() == [(uri("shared"), f"{FIRST} {first}"), (uri("shared"), f"{SECOND} {second}")]


# A trigger only wakes


@pytest.mark.parametrize("message", TRIGGERS, ids=["build", "parameter", "schedule"])
def test_each_kind_of_trigger_records(recording: Recording, message: dict[str, object]) -> None:
    recording.registry.push(FIRST)
    recording.trigger([message])

    assert recording.value == uri(FIRST)
