"""Rights are taken from each role while uploads come in: they wait, the alarm's metric counts, nothing is lost."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import pytest

from local.pipeline import Pipeline, wait_for
from local.subscriber import Subscriber
from tests.e2e.support.operators import impatient
from tests.e2e.support.triggers import trigger_schedule
from tests.e2e.support.uploader import Uploader
from tests.e2e.support.uploads import SECONDS, good

LOG_GROUPS = ["StartBuildLogGroup", "RecordImageLogGroup"]
LOOKS_PER_SCHEDULE = 50


@dataclass(frozen=True)
class Right:
    """What a role may do with a service."""

    role: str
    actions: tuple[str, ...]


RIGHTS = {
    "StartBuild reads tags": Right("StartBuildRole", ("s3:GetObjectTagging", "s3:GetObjectVersionTagging")),
    "StartBuild writes tags": Right("StartBuildRole", ("s3:PutObjectTagging", "s3:PutObjectVersionTagging")),
    "StartBuild reads the object": Right("StartBuildRole", ("s3:GetObject", "s3:GetObjectVersion")),
    "StartBuild asks ECR": Right("StartBuildRole", ("ecr:BatchGetImage",)),
    "StartBuild starts a build": Right("StartBuildRole", ("codebuild:StartBuild",)),
    "the build gets its builder": Right("ImageBuildRole", ("lambda:GetLayerVersion",)),
    "the build reads the object": Right("ImageBuildRole", ("s3:GetObject", "s3:GetObjectVersion")),
    "the build logs in to ECR": Right("ImageBuildRole", ("ecr:GetAuthorizationToken",)),
    "RecordImage lists ECR's images": Right("RecordImageRole", ("ecr:ListImages",)),
    "RecordImage tags in ECR": Right("RecordImageRole", ("ecr:PutImage",)),
    "RecordImage reads the parameter": Right("RecordImageRole", ("ssm:GetParameterHistory",)),
    "RecordImage writes the parameter": Right("RecordImageRole", ("ssm:PutParameter",)),
    "RecordImage reads builds": Right("RecordImageRole", ("codebuild:BatchGetBuilds",)),
    "RecordImage reads tags": Right("RecordImageRole", ("s3:GetObjectTagging", "s3:GetObjectVersionTagging")),
    "RecordImage writes tags": Right("RecordImageRole", ("s3:PutObjectTagging", "s3:PutObjectVersionTagging")),
    "RecordImage puts events": Right("RecordImageRole", ("events:PutEvents",)),
    "RecordImage sends mails": Right("RecordImageRole", ("sns:Publish",)),
}


@pytest.fixture(autouse=True)
def impatience(pipeline: Pipeline) -> Iterator[None]:
    """What failed is tried again soon."""
    with impatient(pipeline, "UploadQueue", 2), impatient(pipeline, "TriggerQueue", 2):
        yield


@contextmanager
def without(pipeline: Pipeline, right: Right) -> Iterator[None]:
    """While the block runs, the role lacks the right."""
    iam, role = pipeline.client("iam"), pipeline.physical(right.role)
    statement = {"Effect": "Deny", "Action": [*right.actions], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=role, PolicyName="taken", PolicyDocument=document)
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="taken")


def attention(pipeline: Pipeline) -> int:
    """How often the functions have counted for an alarm, by the metrics that they print into their logs."""
    asked = 0
    for output in LOG_GROUPS:
        pages = pipeline.logs.get_paginator("filter_log_events").paginate(logGroupName=pipeline.outputs[output])
        lines = [line for page in pages for event in page["events"] for line in event["message"].splitlines()]
        asked += sum('"NeedsAttention":' in line or '"NeedsRepair":' in line for line in lines)
    return asked


def wait_with_resyncs(pipeline: Pipeline, what: str, condition: Callable[[], bool]) -> None:
    """Returns when the condition holds; meanwhile the schedule comes as often as its queue takes it."""
    looks = count()

    def look() -> bool:
        if next(looks) % LOOKS_PER_SCHEDULE == 0:
            trigger_schedule(pipeline)
        return condition()

    wait_for(what, look, SECONDS)


@pytest.mark.parametrize("name", RIGHTS)
def test_without_a_right_an_upload_waits_and_is_recorded_when_the_right_is_back(
    pipeline: Pipeline, uploader: Uploader, subscriber: Subscriber, name: str
) -> None:
    before = attention(pipeline)
    with without(pipeline, RIGHTS[name]):
        upload = uploader.upload(f"without a right - {name}.zip", good(name))
        wait_with_resyncs(pipeline, "The metric of the alarm", lambda: attention(pipeline) > before)
        assert pipeline.tags(upload).get("build-status") in {None, "accepted", "waiting", "recorded"}
    wait_with_resyncs(pipeline, "The recording", lambda: pipeline.tags(upload).get("build-status") == "recorded")

    assert pipeline.recorded() == pipeline.image_of(upload)
    assert {event["detail-type"] for event in subscriber.events(upload)} == {"Image Recorded"}


@pytest.mark.parametrize("action", ["events:PutEvents", "sns:Publish"])
def test_without_a_right_to_publish_a_bad_zip_is_rejected_all_the_same_or_when_the_right_is_back(
    pipeline: Pipeline, uploader: Uploader, subscriber: Subscriber, action: str
) -> None:
    before = attention(pipeline)
    with without(pipeline, Right("StartBuildRole", (action,))):
        upload = uploader.upload(f"bad, without {action}.zip", b"no zip")
        wait_for("The metric of the alarm", lambda: attention(pipeline) > before, SECONDS)
    wait_for("The rejection", lambda: uploader.reads(upload, "rejected"), SECONDS)

    assert [event["detail-type"] for event in subscriber.events(upload)] == ["Upload Rejected"]
