"""Triggers get lost. Even with CodeBuild's events switched off, the schedule's resync notifies every upload."""

import pytest

from local.emulator import Account
from local.pipeline import Pipeline, Upload, wait_for
from local.subscriber import Subscriber
from tests.e2e.builds.test_failures import FAILED, REJECTED
from tests.e2e.support.triggers import trigger_schedule, without_build_events
from tests.e2e.support.uploader import Uploader
from tests.e2e.support.uploads import SECONDS, good


@pytest.fixture(scope="module")
def uploaded(here: Account, first: Upload, pipeline: Pipeline, uploader: Uploader) -> dict[str, Upload]:
    """One upload of each kind, whose builds have all ended without an event; then the schedule triggers once."""
    repository = pipeline.outputs["RepositoryUri"]
    bodies = {name: failure.body(repository) for name, failure in (FAILED | REJECTED).items()}
    bodies |= {"superseded": good("superseded, without events"), "recorded": good("recorded, without events")}
    with without_build_events(here):
        made = {name: uploader.upload(f"without events {name}.zip", body) for name, body in bodies.items()}
        for name in {*made} - {*REJECTED}:
            pipeline.ended_build(made[name], SECONDS)
        assert pipeline.tags(made["recorded"])["build-status"] == "accepted"
        trigger_schedule(pipeline)
    return made


def status_of(pipeline: Pipeline, upload: Upload) -> str:
    """The upload's final status, when it has one."""

    def look() -> str | None:
        status = pipeline.tags(upload).get("build-status")
        return None if status in {"accepted", "waiting"} else status

    return wait_for(f"The end of {upload.key}", look, SECONDS)


def test_a_resync_notifies_the_newest_upload_as_recorded(
    pipeline: Pipeline, uploaded: dict[str, Upload], subscriber: Subscriber
) -> None:
    assert status_of(pipeline, uploaded["recorded"]) == "recorded"
    assert pipeline.recorded() == pipeline.image_of(uploaded["recorded"])
    assert subscriber.wait_for_event(uploaded["recorded"])["detail-type"] == "Image Recorded"


def test_a_resync_notifies_an_older_upload_as_superseded(
    pipeline: Pipeline, uploaded: dict[str, Upload], subscriber: Subscriber
) -> None:
    assert status_of(pipeline, uploaded["superseded"]) == "superseded"
    assert subscriber.wait_for_event(uploaded["superseded"])["detail-type"] == "Upload Superseded"


@pytest.mark.parametrize("name", FAILED)
def test_a_resync_notifies_each_failed_upload(
    pipeline: Pipeline, uploaded: dict[str, Upload], subscriber: Subscriber, name: str
) -> None:
    assert status_of(pipeline, uploaded[name]) == "failed"
    assert subscriber.wait_for_event(uploaded[name])["detail"]["reason"].startswith(FAILED[name].reason)
    assert subscriber.wait_for_mail(uploaded[name])


@pytest.mark.parametrize("name", REJECTED)
def test_a_rejection_needs_no_resync(pipeline: Pipeline, uploaded: dict[str, Upload], name: str) -> None:
    assert status_of(pipeline, uploaded[name]) == "rejected"
