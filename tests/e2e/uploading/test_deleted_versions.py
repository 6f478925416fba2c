"""A version that is deleted on its way is notified by event and mail, since nothing is left to carry a tag."""

from local.pipeline import Pipeline, variables, wait_for
from local.sources.samples import good
from local.subscriber import Subscriber
from tests.e2e.support.operators import busy, without_polling
from tests.e2e.support.uploader import Uploader
from tests.e2e.support.waiting import SECONDS


def test_a_version_deleted_before_it_is_checked_is_rejected(
    pipeline: Pipeline, uploader: Uploader, subscriber: Subscriber
) -> None:
    with without_polling(pipeline, "StartBuild"):
        upload = uploader.upload("gone.zip", good("gone"))
        pipeline.s3.delete_object(Bucket=pipeline.bucket, Key=upload.key, VersionId=upload.version)
    detail = subscriber.wait_for_event(upload)["detail"]
    assert detail["status"] == "rejected"
    assert detail["reason"].startswith("source-unreadable: ")
    assert subscriber.wait_for_mail(upload)["Subject"] == "jwt-pizza-service: rejected gone.zip"


def test_the_build_of_a_version_deleted_before_it_is_fetched_fails(
    pipeline: Pipeline, uploader: Uploader, subscriber: Subscriber
) -> None:
    with busy(pipeline):
        upload = uploader.upload("gone later.zip", good("gone later"))
        (doomed,) = wait_for("Its build in the queue", lambda: pipeline.builds(upload), SECONDS)
        pipeline.s3.delete_object(Bucket=pipeline.bucket, Key=upload.key, VersionId=upload.version)
    detail = subscriber.wait_for_event(upload)["detail"]
    assert detail["status"] == "failed"
    assert detail["reason"].startswith("source-unreadable: This version of the upload cannot be read.")
    assert subscriber.wait_for_mail(upload)["Subject"] == "jwt-pizza-service: failed gone later.zip"
    assert variables(doomed)["IMAGE_TAG"] not in pipeline.images()
