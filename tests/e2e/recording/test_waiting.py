"""A full account: uploads wait, say so, and are built when there is room."""

from collections.abc import Iterator

import pytest

from local.cloud.shared.live_settings import Settings
from local.emulator import Account
from local.pipeline import Pipeline, Upload, wait_for
from local.sources.samples import good, slow
from local.subscriber import Subscriber
from tests.e2e.support.operators import impatient, tag
from tests.e2e.support.uploader import Uploader
from tests.e2e.support.waiting import SECONDS

NO_ROOM = "no-room: CodeBuild takes no more builds now. The quota of a new account may be 0: ask AWS to raise it"


@pytest.fixture(autouse=True)
def impatience(here: Account, pipeline: Pipeline) -> Iterator[None]:
    """What waits is tried again soon, and the quota is as before at the end."""
    with impatient(pipeline, "UploadQueue", 2):
        yield
    here.set(Settings())


def wait_for_status(pipeline: Pipeline, upload: Upload, status: str, reason: str) -> None:
    """Returns when the upload carries this."""

    def look() -> bool:
        tags = pipeline.tags(upload)
        return (tags.get("build-status"), tags.get("build-reason")) == (status, reason)

    wait_for(f"{status} of {upload.key}", look, SECONDS)


def test_an_upload_waits_in_an_account_whose_quota_is_0(
    here: Account, pipeline: Pipeline, uploader: Uploader, subscriber: Subscriber
) -> None:
    here.set(Settings(concurrent_builds=0))
    upload = uploader.upload("new account.zip", good("new account"))
    wait_for_status(pipeline, upload, "waiting", NO_ROOM)
    assert not pipeline.builds(upload)
    assert not subscriber.events(upload)
    here.set(Settings())
    pipeline.wait_until_recorded(upload, SECONDS)


def test_an_upload_waits_in_a_full_account(here: Account, pipeline: Pipeline, uploader: Uploader) -> None:
    here.set(Settings(concurrent_builds=1))
    running = uploader.upload("running.zip", slow("running", 600))
    (build,) = wait_for("A build that runs", lambda: pipeline.builds(running), SECONDS)
    project = pipeline.outputs["ProjectName"]
    queued = [pipeline.codebuild.start_build(projectName=project)["build"]["id"] for _ in range(5)]
    upload = uploader.upload("waits.zip", good("waits"))
    wait_for_status(pipeline, upload, "waiting", NO_ROOM)
    assert not pipeline.builds(upload)
    for each in [*queued, build["id"]]:
        pipeline.codebuild.stop_build(id=each)
    pipeline.wait_until_recorded(upload, SECONDS)


def test_an_upload_that_waits_below_a_newer_image_is_superseded(
    here: Account, pipeline: Pipeline, uploader: Uploader, subscriber: Subscriber, first: Upload
) -> None:
    here.set(Settings(concurrent_builds=0))
    older = uploader.upload("older.zip", good("older, and waits"))
    wait_for_status(pipeline, older, "waiting", NO_ROOM)
    newer = uploader.upload("newer.zip", good("newer"))
    wait_for_status(pipeline, newer, "waiting", NO_ROOM)
    tag(pipeline, first, pipeline.tags(newer)["image-tag"])
    assert subscriber.wait_for_event(older)["detail-type"] == "Upload Superseded"
    assert wait_for("The status", lambda: uploader.reads(older, "superseded"), SECONDS)
    assert not subscriber.mails(older)
