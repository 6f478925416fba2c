"""The failures that people meet: each gives its reason to the uploader's one command, and changes nothing."""

import pytest

from local.cloud.shared.live_settings import Settings
from local.emulator import Account
from local.pipeline import Pipeline, Upload, wait_for
from local.sources.failures import FAILED, REJECTED
from local.sources.samples import slow
from local.subscriber import Subscriber
from tests.e2e.support.operators import wait_until_at_rest
from tests.e2e.support.triggers import trigger
from tests.e2e.support.uploader import Uploader
from tests.e2e.support.waiting import SECONDS


@pytest.fixture(scope="module")
def uploaded(pipeline: Pipeline, uploader: Uploader, first: Upload) -> dict[str, Upload]:
    """All that fails in its build, uploaded at once, when nothing else is to be recorded."""
    wait_until_at_rest(pipeline)
    repository = pipeline.outputs["RepositoryUri"]
    return {name: uploader.upload(f"{name}.zip", failure.body(repository)) for name, failure in FAILED.items()}


@pytest.mark.parametrize("name", REJECTED)
def test_an_upload_that_cannot_be_built_is_rejected_without_a_build(
    pipeline: Pipeline, uploader: Uploader, subscriber: Subscriber, recorded_before: str, name: str
) -> None:
    upload = uploader.upload(f"{name}.zip", REJECTED[name].body(""))
    event = subscriber.wait_for_event(upload)
    assert event["detail-type"] == "Upload Rejected"
    check(uploader, subscriber, upload, "rejected", REJECTED[name].reason)
    assert not pipeline.builds(upload)
    assert pipeline.recorded() == recorded_before


@pytest.mark.parametrize("name", FAILED)
def test_a_build_that_fails_gives_the_reason(
    pipeline: Pipeline, uploader: Uploader, subscriber: Subscriber, uploaded: dict[str, Upload], name: str
) -> None:
    upload, before = uploaded[name], pipeline.recorded()
    event = subscriber.wait_for_event(upload)
    assert event["detail-type"] == "Build Failed"
    assert event["detail"]["buildId"] == pipeline.builds(upload)[0]["id"]
    check(uploader, subscriber, upload, "failed", FAILED[name].reason)
    assert pipeline.tags(upload)["image-tag"] not in pipeline.images()
    trigger(pipeline)
    assert pipeline.recorded() == before
    assert len(subscriber.events(upload)) == len(subscriber.mails(upload)) == 1


def test_a_build_that_runs_out_of_time_gives_that_as_the_reason(
    here: Account, uploader: Uploader, subscriber: Subscriber
) -> None:
    here.set(Settings(minute_seconds=0.1))
    try:
        upload = uploader.upload("endless.zip", slow("endless", 600))
        subscriber.wait_for_event(upload)
    finally:
        here.set(Settings())
    check(uploader, subscriber, upload, "failed", "timed-out: The build ran longer than it may.")


def test_a_build_that_an_operator_stops_gives_that_as_the_reason(
    pipeline: Pipeline, uploader: Uploader, subscriber: Subscriber
) -> None:
    upload = uploader.upload("stopped.zip", slow("stopped", 600))
    build = wait_for("The start of the build", lambda: next(iter(pipeline.builds(upload)), None), SECONDS)
    pipeline.codebuild.stop_build(id=build["id"])
    subscriber.wait_for_event(upload)
    check(uploader, subscriber, upload, "failed", "stopped: Somebody stopped the build.")


def check(uploader: Uploader, subscriber: Subscriber, upload: Upload, status: str, reason: str) -> None:
    """The event, the mail, and one command of the uploader's own say the same."""
    detail = subscriber.wait_for_event(upload)["detail"]
    assert (detail["key"], detail["status"], detail["imageUri"]) == (upload.key, status, None)
    assert detail["reason"].startswith(reason)
    mail = subscriber.wait_for_mail(upload)
    assert mail["Subject"] == f"jwt-pizza-service: {status} {upload.key}"
    assert f"reason: {detail['reason']}\n" in mail["Message"]
    tags = wait_for("The status", lambda: uploader.reads(upload, status), SECONDS)
    assert set(tags) == {"build-status", "image-tag", "build-reason"}
    assert tags["build-reason"].split()[0] == reason.split(maxsplit=1)[0]
