"""events/: shapes as AWS sends them, of one upload throughout, and as this stack would get them."""

import json
import re
from datetime import UTC, datetime
from hashlib import md5, sha256
from typing import Any

import pytest

from tests.support.stack import ROOT, Stack, event, statements

BUILDS = {
    "build-succeeded": "SUCCEEDED",
    "build-failed": "FAILED",
    "build-stopped": "STOPPED",
    "build-timed-out": "TIMED_OUT",
}
ENVELOPE = {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}
DEPLOYMENTS = ["ecs/deployment-completed", "ecs/deployment-failed"]
QUEUES = {
    "upload-queue": ["object-created"],
    "trigger-queue": ["build-succeeded", "parameter-changed", "schedule"],
    "follow-queue": ["image-recorded", "parameter-changed", *DEPLOYMENTS, "schedule"],
}
SENT = ["object-created", *BUILDS, "image-recorded", "parameter-changed", "schedule", *DEPLOYMENTS]


def variables(build: dict[str, Any]) -> dict[str, str]:
    found = build["detail"]["additional-information"]["environment"]["environment-variables"]
    return {each["name"]: each["value"] for each in found}


def image_tag() -> str:
    """The build tag of the upload, by the contract."""
    happened = event("object-created")
    upload, source = happened["detail"]["bucket"]["name"], happened["detail"]["object"]
    moment = datetime.fromisoformat(happened["time"]).astimezone(UTC)
    version = sha256("\n".join([upload, source["key"], source["version-id"]]).encode()).hexdigest()
    return f"build-{moment:%Y%m%dT%H%M%SZ}-{source['sequencer'].upper()}-{version[:8]}"


def test_the_events_folder_has_exactly_these_events() -> None:
    files = (file.relative_to(ROOT / "events") for file in (ROOT / "events").rglob("*.json"))

    assert {str(file.with_suffix("")) for file in files} == {*SENT, *QUEUES}


@pytest.mark.parametrize("name", SENT)
def test_each_event_has_eventbridges_envelope(name: str) -> None:
    happened = event(name)

    assert happened.keys() == ENVELOPE
    assert (happened["version"], happened["account"], happened["region"]) == ("0", "123456789012", "us-east-1")
    assert datetime.fromisoformat(happened["time"]).utcoffset() is not None


def test_no_two_events_share_an_id() -> None:
    assert len({event(name)["id"] for name in SENT}) == len(SENT)


# The upload


def test_the_event_of_an_upload_has_all_that_s3_sends() -> None:
    detail = event("object-created")["detail"]

    assert detail["object"].keys() == {"key", "size", "etag", "version-id", "sequencer"}
    assert detail["reason"] == "PutObject"
    assert re.fullmatch("[0-9a-f]+", detail["object"]["sequencer"])


# Builds


@pytest.mark.parametrize("name", BUILDS)
def test_each_build_event_is_of_this_stacks_project(stack: Stack, name: str) -> None:
    happened, project = event(name)["detail"], stack.properties("ImageBuild")
    found = happened["additional-information"]
    (given,) = [
        names
        for statement in statements(stack, "StartBuildsPolicy")
        for names in statement.get("Condition", {}).get("ForAnyValue:StringNotEquals", {}).values()
    ]

    assert happened["project-name"] == project["Name"]
    assert set(variables(event(name))) == {
        each["Name"] for each in project["Environment"]["EnvironmentVariables"] if "Name" in each
    } | {*given}
    assert found["source"]["type"] == project["Source"]["Type"]
    assert found["environment"]["type"] == project["Environment"]["Type"]
    assert found["environment"]["image"] == project["Environment"]["Image"]
    assert found["environment"]["compute-type"] == project["Environment"]["ComputeType"]
    assert found["environment"]["privileged-mode"] == project["Environment"]["PrivilegedMode"]
    assert found["timeout-in-minutes"] == float(project["TimeoutInMinutes"])
    assert found["queued-timeout-in-minutes"] == project["QueuedTimeoutInMinutes"]
    assert found["logs"]["group-name"].startswith("source-to-ecr-ImageBuildLogs-")


@pytest.mark.parametrize(("name", "status"), BUILDS.items())
def test_each_build_event_describes_a_build_of_the_upload_that_ended_so_as_codebuild_does(
    name: str, status: str
) -> None:
    happened, upload = event(name), event("object-created")["detail"]
    given, found = variables(happened), happened["detail"]["additional-information"]
    build, (*phases, last) = happened["detail"]["build-id"], found["phases"]

    assert given["SOURCE_BUCKET"] == upload["bucket"]["name"]
    assert json.loads(given["SOURCE_KEY"]) == upload["object"]["key"]
    assert given["SOURCE_VERSION_ID"] == upload["object"]["version-id"]
    assert given["IMAGE_TAG"] == image_tag()
    assert happened["detail"]["build-status"] == status
    assert happened["detail"]["current-phase"] == last["phase-type"] == "COMPLETED"
    assert {phase["phase-status"] for phase in phases} == {"SUCCEEDED", status}
    assert "phase-status" not in last
    assert happened["resources"] == [build]
    assert build.startswith("arn:aws:codebuild:us-east-1:123456789012:build/jwt-pizza-service:")
    assert build.endswith(found["logs"]["stream-name"])
    assert isinstance(found["build-number"], float)
    for phase in found["phases"]:
        assert datetime.strptime(phase["start-time"], "%b %d, %Y %I:%M:%S %p").replace(tzinfo=UTC)  # no zone
        assert isinstance(phase.get("duration-in-seconds", 0.0), float)


# The parameter and the clock


def test_the_parameter_changed_as_record_image_writes_it(stack: Stack) -> None:
    happened = event("parameter-changed")
    name = stack.function("RecordImage")["Environment"]["Variables"]["PARAMETER"]
    tag, _, request = happened["detail"]["description"].partition(" ")

    assert happened["resources"] == [f"arn:aws:ssm:us-east-1:123456789012:parameter{name}"]
    assert happened["detail"]["name"] == name
    assert (happened["detail"]["operation"], happened["detail"]["type"]) == ("Update", "String")
    assert tag == image_tag()
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", request)


def test_the_schedule_names_nothing_but_its_rule() -> None:
    happened = event("schedule")

    assert (happened["source"], happened["detail-type"]) == ("aws.events", "Scheduled Event")
    assert happened["resources"][0].startswith("arn:aws:events:us-east-1:123456789012:rule/source-to-ecr-Schedule-")
    assert happened["detail"] == {}


# What Lambda gets from the queues


@pytest.mark.parametrize(("queue", "names"), QUEUES.items())
def test_messages_carry_the_events_whole(queue: str, names: list[str]) -> None:
    records = event(queue)["Records"]

    assert [json.loads(record["body"]) for record in records] == [event(name) for name in names]
    for record in records:
        assert record["md5OfBody"] == md5(record["body"].encode(), usedforsecurity=False).hexdigest()
        assert record["eventSource"] == "aws:sqs"


@pytest.mark.parametrize("queue", QUEUES)
def test_no_two_messages_share_an_id(queue: str) -> None:
    records = event(queue)["Records"]

    assert len({record["messageId"] for record in records}) == len(records)
    assert len({record["receiptHandle"] for record in records}) == len(records)


def test_triggers_come_in_one_group_in_order_and_deduplicated_by_content(stack: Stack) -> None:
    records = event("trigger-queue")["Records"]
    (target,) = stack.properties("BuildRule")["Targets"]

    assert {record["attributes"]["MessageGroupId"] for record in records} == {target["SqsParameters"]["MessageGroupId"]}
    assert [record["attributes"]["MessageDeduplicationId"] for record in records] == [
        sha256(record["body"].encode()).hexdigest() for record in records
    ]
    numbers = [record["attributes"]["SequenceNumber"] for record in records]
    assert numbers == sorted(numbers)
    for record in records:
        assert record["eventSourceARN"].endswith(".fifo")
