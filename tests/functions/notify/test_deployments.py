"""What auto-deploy records about a service joins the upload's status, even if its trigger is lost.

tests/unit/core/notifying/test_deployments.py has what follows from its records.
"""

from datetime import timedelta

import pytest

from tests.functions.support.bucket import Upload
from tests.functions.support.frozen_clock import SINCE_UPLOAD
from tests.functions.support.notifying import Notifying
from tests.functions.support.repository import uri

STALE = timedelta(minutes=20)
"""The end of a build this long ago is only reported if a status shows that it wasn't yet."""
LATER = "2026-11-20T10:16:00Z"
WHY = {"reason": "ECS deployment circuit breaker: tasks failed to start.", "exitCode": "3", "lines": ["start", "no db"]}
SAID = "not-healthy: ECS deployment circuit breaker: tasks failed to start. Exit code 3. no db"


def recorded(notifying: Notifying, upload: Upload) -> Upload:
    """The upload, after its image was recorded and its uploader notified."""
    notifying.build_ended(notifying.succeeds(upload, STALE))
    notifying.notifier_wire.forget()
    return upload


@pytest.fixture
def upload(notifying: Notifying) -> Upload:
    """A recorded upload."""
    return recorded(notifying, notifying.upload())


def test_an_image_that_runs_has_exactly_this_event_and_this_status(notifying: Notifying, upload: Upload) -> None:
    notifying.deploys("running", uri(upload.tag), uri(upload.tag))
    notifying.deployment_changed()

    assert notifying.notifier_wire.operations == [
        "ListBuildsForProject",
        "BatchGetBuilds",
        "GetObjectTagging",
        "PutEvents",
        "PutObjectTagging",
    ]
    (entry,) = notifying.subscriber.entries
    assert (entry["Source"], entry["DetailType"]) == ("source-to-ecr", "Image Running")
    assert notifying.subscriber.events == [
        {
            "service": "jwt-pizza-service",
            "bucket": notifying.bucket.name,
            "key": upload.key,
            "versionId": upload.version_id,
            "status": "running",
            "reason": None,
            "ending": None,
            "output": [],
            "log": None,
            "imageTag": upload.tag,
            "imageUri": uri(upload.tag),
            "buildId": notifying.project.builds[0]["id"],
            "seconds": SINCE_UPLOAD,
        }
    ]
    assert notifying.tags(upload) == upload.recorded(uri(upload.tag)) | {"build-status": "running"}


def test_a_deployment_that_failed_is_on_the_upload_and_in_a_mail_with_the_tasks_words(
    notifying: Notifying, upload: Upload
) -> None:
    notifying.deploys("not-healthy", uri(upload.tag), None, **WHY)
    notifying.deployment_changed()
    (entry,), (mail,) = notifying.subscriber.entries, notifying.subscriber.mails
    (detail,) = notifying.subscriber.events

    assert entry["DetailType"] == "Image Not Healthy"
    assert (detail["status"], detail["reason"], detail["output"]) == ("not-healthy", SAID, ["start", "no db"])
    assert mail["Subject"] == "jwt-pizza-service: not-healthy jwt-pizza-service.zip"
    assert mail["Message"].endswith("\nThe last lines of the task:\n  start\n  no db\n")
    assert notifying.tags(upload) == upload.status("not-healthy", SAID) | {"image-uri": uri(upload.tag)}


def test_of_two_uploads_the_one_that_runs_replaces_the_other_at_the_same_trigger(
    notifying: Notifying, upload: Upload
) -> None:
    notifying.deploys("running", uri(upload.tag), uri(upload.tag))
    notifying.deployment_changed()
    newer = recorded(notifying, notifying.upload(key="newer.zip").at(LATER))
    notifying.deploys("deploying", uri(newer.tag), uri(upload.tag))
    notifying.deployment_changed()
    assert (status(notifying, upload), status(notifying, newer)) == ("running", "recorded")
    notifying.deploys("running", uri(newer.tag), uri(newer.tag))
    notifying.deployment_changed()

    assert (status(notifying, upload), status(notifying, newer)) == ("replaced", "running")
    assert notifying.subscriber.mails == []


def test_the_first_success_after_a_failure_is_mailed(notifying: Notifying, upload: Upload) -> None:
    notifying.deploys("not-healthy", uri(upload.tag), None)
    notifying.deployment_changed()
    newer = recorded(notifying, notifying.upload(key="newer.zip").at(LATER))
    notifying.deploys("running", uri(newer.tag), uri(newer.tag))
    notifying.deployment_changed()

    assert [mail["Subject"] for mail in notifying.subscriber.mails] == ["jwt-pizza-service: running newer.zip"]


def test_a_trigger_that_comes_again_or_with_a_resync_notifies_once(notifying: Notifying, upload: Upload) -> None:
    notifying.deploys("not-healthy", uri(upload.tag), None)
    notifying.deployment_changed()
    notifying.deployment_changed()
    notifying.resync()

    assert notifying.subscriber.counts == (1, 1)


def test_an_image_that_fails_again_after_it_was_put_into_the_parameter_again_is_notified_again(
    notifying: Notifying, upload: Upload
) -> None:
    for version in (7, 8):
        notifying.deploys("deploying", uri(upload.tag), None, version=version)
        notifying.deploys("not-healthy", uri(upload.tag), None, version=version, **WHY)
        notifying.deployment_changed()

    assert notifying.subscriber.counts == (2, 2)


def test_a_reason_that_is_found_later_takes_the_place_of_the_first(notifying: Notifying, upload: Upload) -> None:
    notifying.deploys("not-healthy", uri(upload.tag), None, reason="The deployment isn't complete after 30 minutes.")
    notifying.deployment_changed()
    notifying.deploys("not-healthy", uri(upload.tag), None, **WHY)
    notifying.deployment_changed()

    assert notifying.tags(upload)["build-reason"] == SAID
    assert notifying.subscriber.counts == (2, 2)


def test_a_failure_stays_on_the_upload_when_its_record_is_forgotten(notifying: Notifying, upload: Upload) -> None:
    notifying.deploys("not-healthy", uri(upload.tag), None, **WHY)
    notifying.deployment_changed()
    newer = recorded(notifying, notifying.upload(key="newer.zip").at(LATER))
    notifying.forget_deployments()
    notifying.deploys("running", uri(newer.tag), uri(newer.tag))
    notifying.resync()

    assert (status(notifying, upload), status(notifying, newer)) == ("not-healthy", "running")


def test_a_resync_also_looks_at_an_upload_that_was_built_long_ago(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.build_ended(notifying.succeeds(upload, timedelta(days=60)))
    notifying.deploys("running", uri(upload.tag), uri(upload.tag))
    notifying.resync()

    assert status(notifying, upload) == "running"


def test_a_resync_makes_up_for_a_lost_trigger(notifying: Notifying, upload: Upload) -> None:
    notifying.deploys("not-healthy", uri(upload.tag), None, **WHY)
    notifying.resync()

    assert notifying.tags(upload) == upload.status("not-healthy", SAID) | {"image-uri": uri(upload.tag)}
    assert notifying.subscriber.counts == (1, 1)


def test_an_upload_whose_recording_was_not_reported_is_first_recorded_then_running(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.succeeds(upload, timedelta(hours=1))
    notifying.trigger([])
    notifying.deploys("running", uri(upload.tag), uri(upload.tag))
    notifying.resync()
    notifying.resync()

    assert [detail["status"] for detail in notifying.subscriber.events] == ["recorded", "running"]


def test_without_auto_deploy_an_upload_stays_recorded(notifying: Notifying, upload: Upload) -> None:
    notifying.resync()

    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))
    assert notifying.subscriber.counts == (0, 0)


@pytest.mark.parametrize("value", ['{"state": "new"}', "garbage"])
def test_before_auto_deploy_has_looked_an_upload_stays_recorded(
    notifying: Notifying, upload: Upload, value: str
) -> None:
    notifying.put_deployment(value)
    notifying.deployment_changed()

    assert status(notifying, upload) == "recorded"
    assert notifying.notifier_wire.operations == []


def test_an_upload_whose_tags_leave_no_room_is_notified_at_the_trigger_and_by_no_resync(notifying: Notifying) -> None:
    own = {f"own-{number}": "value" for number in range(8)}
    upload = recorded(notifying, notifying.upload(tags=own))
    notifying.deploys("not-healthy", uri(upload.tag), None)
    notifying.resync()
    assert notifying.subscriber.counts == (0, 0)
    notifying.deployment_changed()

    assert [detail["status"] for detail in notifying.subscriber.events] == ["not-healthy"]
    assert notifying.tags(upload) == own


def test_where_one_tag_too_many_is_on_the_upload_the_reason_takes_the_place_of_the_image(notifying: Notifying) -> None:
    own = {f"own-{number}": "value" for number in range(7)}
    upload = recorded(notifying, notifying.upload(tags=own))
    notifying.deploys("not-healthy", uri(upload.tag), None, **WHY)
    notifying.deployment_changed()

    assert notifying.tags(upload) == own | upload.status("not-healthy", SAID)


def test_the_same_record_once_more_is_no_news_for_an_upload_without_a_status(notifying: Notifying) -> None:
    upload = recorded(notifying, notifying.upload(tags={f"own-{number}": "value" for number in range(8)}))
    for running in (None, "another"):
        notifying.deploys("not-healthy", uri(upload.tag), running, version=7)
        notifying.deployment_changed()

    assert notifying.subscriber.counts == (1, 1)


def test_records_are_not_read_if_that_could_take_the_time_to_notify(notifying: Notifying, upload: Upload) -> None:
    notifying.deploys("running", uri(upload.tag), uri(upload.tag))
    notifying.left = lambda: 21_999
    notifying.deployment_changed()
    assert status(notifying, upload) == "recorded"
    notifying.left = lambda: 22_000
    notifying.deployment_changed()

    assert status(notifying, upload) == "running"


def test_records_that_can_not_be_read_keep_no_upload_from_its_end(notifying: Notifying) -> None:
    refusal = {"Error": {"Code": "AccessDeniedException", "Message": "As the test wants."}}
    notifying.wire.answers_one_by_one("GetParameterHistory", iter([{"Parameters": []}, refusal]))
    upload = notifying.upload()
    notifying.trigger([notifying.build_event(notifying.succeeds(upload)), *notifying.schedule])

    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))
    assert notifying.printed.metrics == {"ImageRecorded": 1, "UploadRecorded": 1, "NotificationFailed": 1}


def status(notifying: Notifying, upload: Upload) -> str:
    """The upload's status."""
    return notifying.tags(upload)["build-status"]
