"""Rights are taken from each role while uploads come in: they wait, the alarm's metric counts, nothing is lost.

tests/e2e/ship/test_doctor.py does the same with the start of a build.
"""

import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from local.pipeline import Pipeline, wait_for
from local.sources.samples import good
from local.subscriber import Subscriber
from tests.e2e.support.operators import asked_for_attention, impatient, without
from tests.e2e.support.triggers import trigger_schedule
from tests.e2e.support.uploader import Uploader
from tests.e2e.support.waiting import SECONDS

LOOKS_PER_SCHEDULE = 20


RIGHTS = {  # by what can't be done: the role, and the actions that it lacks
    "StartBuild reads tags": ["StartBuildRole", "s3:GetObjectTagging", "s3:GetObjectVersionTagging"],
    "StartBuild writes tags": ["StartBuildRole", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"],
    "StartBuild reads the object": ["StartBuildRole", "s3:GetObject", "s3:GetObjectVersion"],
    "StartBuild asks ECR": ["StartBuildRole", "ecr:BatchGetImage"],
    "the build gets its builder": ["ImageBuildRole", "lambda:GetLayerVersion"],
    "the build reads the object": ["ImageBuildRole", "s3:GetObject", "s3:GetObjectVersion"],
    "the build logs in to ECR": ["ImageBuildRole", "ecr:GetAuthorizationToken"],
    "RecordImage lists ECR's images": ["RecordImageRole", "ecr:ListImages"],
    "RecordImage tags in ECR": ["RecordImageRole", "ecr:PutImage"],
    "RecordImage reads the parameter": ["RecordImageRole", "ssm:GetParameterHistory"],
    "RecordImage writes the parameter": ["RecordImageRole", "ssm:PutParameter"],
    "RecordImage reads builds": ["RecordImageRole", "codebuild:BatchGetBuilds"],
    "RecordImage reads tags": ["RecordImageRole", "s3:GetObjectTagging", "s3:GetObjectVersionTagging"],
    "RecordImage writes tags": ["RecordImageRole", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"],
    "RecordImage puts events": ["RecordImageRole", "events:PutEvents"],
    "RecordImage sends mails": ["RecordImageRole", "sns:Publish"],
}


@pytest.fixture(autouse=True)
def impatience(pipeline: Pipeline) -> Iterator[None]:
    """What failed is tried again soon."""
    with impatient(pipeline, "UploadQueue", 2), impatient(pipeline, "TriggerQueue", 2):
        yield


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
    began = time.time()
    with without(pipeline, *RIGHTS[name]):
        upload = uploader.upload(f"without a right - {name}.zip", good(name))
        wait_with_resyncs(pipeline, "The metric of the alarm", lambda: asked_for_attention(pipeline, began))
        assert pipeline.tags(upload).get("build-status") in {None, "accepted", "waiting", "recorded"}
    wait_with_resyncs(pipeline, "The recording", lambda: pipeline.tags(upload).get("build-status") == "recorded")

    assert pipeline.recorded() == pipeline.image_of(upload)
    assert {event["detail-type"] for event in subscriber.events(upload)} == {"Image Recorded"}


@pytest.mark.parametrize("action", ["events:PutEvents", "sns:Publish"])
def test_without_a_right_to_publish_a_bad_zip_is_rejected_all_the_same_or_when_the_right_is_back(
    pipeline: Pipeline, uploader: Uploader, subscriber: Subscriber, action: str
) -> None:
    began = time.time()
    with without(pipeline, "StartBuildRole", action):
        upload = uploader.upload(f"bad, without {action}.zip", b"no zip")
        wait_for("The metric of the alarm", lambda: asked_for_attention(pipeline, began), SECONDS)
    wait_for("The rejection", lambda: uploader.reads(upload, "rejected"), SECONDS)

    assert [event["detail-type"] for event in subscriber.events(upload)] == ["Upload Rejected"]
