"""How RecordImage notifies an upload whose build has ended: the repository and the history decide, not the trigger."""

import pytest

from tests.functions.support.frozen_clock import SINCE_UPLOAD
from tests.functions.support.notifying import BROKEN, Notifying
from tests.functions.support.repository import uri
from tests.functions.support.subscriber import TOPIC

LATER = "2026-11-20T10:16:00Z"
NEWER = "superseded: A newer upload is recorded or ready."
GONE = "build-system-fault: The image was built and is gone from the repository. Upload the source again."

# Recorded


def test_an_upload_whose_image_was_recorded_carries_the_image_s_uri(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.build_ended(notifying.succeeds(upload))

    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))
    assert notifying.printed.metrics == {"ImageRecorded": 1, "UploadRecorded": 1}


def test_a_recorded_upload_has_exactly_this_event(notifying: Notifying) -> None:
    upload = notifying.upload()
    build_id = notifying.succeeds(upload)
    notifying.build_ended(build_id)
    (entry,) = notifying.subscriber.entries

    assert entry.keys() == {"Source", "DetailType", "Detail"}
    assert (entry["Source"], entry["DetailType"]) == ("source-to-ecr", "Image Recorded")
    assert notifying.subscriber.events == [
        {
            "service": "jwt-pizza-service",
            "bucket": notifying.bucket.name,
            "key": upload.key,
            "versionId": upload.version_id,
            "status": "recorded",
            "reason": None,
            "ending": None,
            "output": [],
            "imageTag": upload.tag,
            "imageUri": uri(upload.tag),
            "buildId": build_id,
            "seconds": SINCE_UPLOAD,
        }
    ]


def test_a_recorded_upload_has_exactly_this_mail(notifying: Notifying) -> None:
    upload = notifying.upload()
    build_id = notifying.succeeds(upload)
    notifying.build_ended(build_id)

    assert notifying.subscriber.mails == [
        {
            "TopicArn": TOPIC,
            "Subject": "jwt-pizza-service: recorded jwt-pizza-service.zip",
            "Message": (
                "service: jwt-pizza-service\n"
                f"bucket: {notifying.bucket.name}\n"
                'key: "jwt-pizza-service.zip"\n'
                f"versionId: {upload.version_id}\n"
                "status: recorded\n"
                f"imageTag: {upload.tag}\n"
                f"imageUri: {uri(upload.tag)}\n"
                f"buildId: {build_id}\n"
                f"seconds: {SINCE_UPLOAD}\n"
            ),
        }
    ]


def test_an_upload_is_recorded_before_it_is_notified(notifying: Notifying) -> None:
    upload = notifying.upload()
    seen: list[str | None] = []
    notifying.notifier_wire.before("PutEvents", lambda: seen.append(notifying.value))
    notifying.build_ended(notifying.succeeds(upload))

    assert seen == [uri(upload.tag)]


def test_the_end_of_a_build_gives_the_event_then_the_mail_then_the_status(notifying: Notifying) -> None:
    notifying.build_ended(notifying.succeeds(notifying.upload()))

    assert notifying.notifier_wire.operations == [
        "BatchGetBuilds",
        "GetObjectTagging",
        "GetLogEvents",
        "PutEvents",
        "Publish",
        "PutObjectTagging",
    ]


def test_an_older_upload_that_was_recorded_before_stays_recorded(notifying: Notifying) -> None:
    first, second = notifying.upload(), notifying.upload(key="second.zip").at(LATER)
    build_id = notifying.succeeds(first)
    notifying.trigger([])
    notifying.build_ended(notifying.succeeds(second))
    notifying.build_ended(build_id)

    assert notifying.tags(first) == first.recorded(uri(first.tag))


def test_a_rollback_takes_no_upload_s_status(notifying: Notifying) -> None:
    upload = notifying.upload()
    build_id = notifying.succeeds(upload)
    notifying.trigger([])
    notifying.put_by_hand("123456789012.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service:keep-this")
    notifying.build_ended(build_id)

    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))


# Failed


def test_an_upload_whose_build_failed_says_why(notifying: Notifying) -> None:
    upload = notifying.upload()
    build_id = notifying.breaks(upload)
    notifying.build_ended(build_id)
    (entry,), (detail,), (mail,) = notifying.subscriber.entries, notifying.subscriber.events, notifying.subscriber.mails

    assert notifying.tags(upload) == upload.status("failed", BROKEN)
    assert entry["DetailType"] == "Build Failed"
    assert (detail["status"], detail["reason"], detail["imageUri"], detail["buildId"]) == (
        "failed",
        BROKEN,
        None,
        build_id,
    )
    assert mail["Subject"] == "jwt-pizza-service: failed jwt-pizza-service.zip"
    assert f"\nreason: {BROKEN}\n" in mail["Message"]
    assert "imageUri" not in mail["Message"]
    assert notifying.printed.metrics == {"NothingToRecord": 1, "UploadFailed": 1}


def test_a_build_that_failed_while_its_image_exists_is_no_failure(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.registry.push(upload.tag)
    notifying.build_ended(notifying.breaks(upload))

    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))
    assert [detail["status"] for detail in notifying.subscriber.events] == ["recorded"]


def test_an_upload_whose_image_is_gone_before_it_was_recorded_has_failed(notifying: Notifying) -> None:
    upload = notifying.upload()
    build_id = notifying.succeeds(upload)
    notifying.registry.expire(upload.tag)
    notifying.build_ended(build_id)
    (detail,) = notifying.subscriber.events

    assert notifying.tags(upload) == upload.status("failed", GONE)
    assert (detail["status"], detail["reason"]) == ("failed", GONE)
    assert "GetLogEvents" not in notifying.notifier_wire.operations


# Superseded


@pytest.mark.parametrize("exists", [True, False], ids=["its image exists", "its image is gone"])
def test_an_upload_below_a_newer_image_is_superseded(notifying: Notifying, exists: bool) -> None:
    older, newer = notifying.upload(), notifying.upload(key="newer.zip").at(LATER)
    notifying.registry.push(newer.tag)
    build_id = notifying.succeeds(older)
    if not exists:
        notifying.registry.expire(older.tag)
    notifying.build_ended(build_id)
    (entry,), (detail,) = notifying.subscriber.entries, notifying.subscriber.events

    assert notifying.tags(older) == older.status("superseded", notifying.tags(older)["build-reason"])
    assert notifying.tags(older)["build-reason"].startswith(NEWER)
    assert entry["DetailType"] == "Upload Superseded"
    assert (detail["key"], detail["status"]) == (older.key, "superseded")
    assert detail["reason"].startswith(NEWER)
    assert notifying.subscriber.mails == []


def test_an_older_upload_whose_build_failed_has_failed_and_is_not_superseded(notifying: Notifying) -> None:
    older, newer = notifying.upload(), notifying.upload(key="newer.zip").at(LATER)
    notifying.registry.push(newer.tag)
    notifying.build_ended(notifying.breaks(older))

    assert notifying.tags(older) == older.status("failed", BROKEN)


def test_the_highest_tag_in_the_history_supersedes_and_not_what_the_parameter_names_now(notifying: Notifying) -> None:
    older, newer = notifying.upload(), notifying.upload(key="newer.zip").at(LATER)
    notifying.registry.push(newer.tag)
    notifying.trigger([])
    notifying.registry.expire(newer.tag)
    notifying.put_by_hand(uri(older.tag), "a rollback")
    notifying.build_ended(notifying.succeeds(older))

    assert notifying.tags(older)["build-status"] == "superseded"


# Open


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED"])
def test_while_an_image_exists_and_is_not_recorded_its_upload_is_not_notified(
    notifying: Notifying, status: str
) -> None:
    upload = notifying.upload().at("2026-11-20T11:00:00Z")  # a time to come: it isn't recorded
    notifying.registry.push(upload.tag)
    notifying.build_ended(notifying.ends(upload, status))

    assert notifying.subscriber.counts == (0, 0)
    assert notifying.tags(upload) == {}
    assert notifying.printed.metrics == {"NothingToRecord": 1, "FutureTags": 1}


def test_while_a_build_runs_its_upload_is_not_notified(notifying: Notifying) -> None:
    notifying.build_ended(notifying.runs(notifying.upload()))

    assert notifying.subscriber.counts == (0, 0)
    assert notifying.notifier_wire.operations == ["BatchGetBuilds"]


# Whatever the status


def test_a_notification_is_in_the_log_with_its_build(notifying: Notifying) -> None:
    upload = notifying.upload()
    build_id = notifying.succeeds(upload)
    notifying.build_ended(build_id)
    (entry,) = notifying.printed.entries("Notified")

    assert (entry["status"], entry["key"], entry["versionId"]) == ("recorded", upload.key, upload.version_id)
    assert entry["build_id"] == build_id


def test_the_log_names_no_build_of_the_invocation_before(notifying: Notifying) -> None:
    notifying.build_ended(notifying.succeeds(notifying.upload()))
    request_id = notifying.trigger([])

    later = [entry for entry in notifying.printed.log if entry["function_request_id"] == request_id]

    assert later
    assert [entry for entry in later if "build_id" in entry] == []


def test_each_request_of_record_image_to_s3_names_the_version_and_the_buckets_owner(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.build_ended(notifying.succeeds(upload))
    asked = [made for operation, made in notifying.notifier_wire.requests if "Object" in operation]

    assert len(asked) == 2
    for made in asked:
        assert (made["Bucket"], made["Key"], made["VersionId"]) == (
            notifying.bucket.name,
            upload.key,
            upload.version_id,
        )
        assert made["ExpectedBucketOwner"] == "123456789012"


@pytest.mark.parametrize("key", ["a b+c%2B.zip", "naïve/日本語/🍕.zip", "back\\slash", '"quoted".zip'])
def test_any_key_is_published_as_it_is(notifying: Notifying, key: str) -> None:
    upload = notifying.upload(key=key)
    notifying.build_ended(notifying.succeeds(upload))
    (detail,) = notifying.subscriber.events

    assert detail["key"] == key
    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))


def test_the_uploaders_own_tags_survive_a_recorded_status(notifying: Notifying) -> None:
    own = {f"own-{number}": f"value {number}" for number in range(7)}
    upload = notifying.upload(tags=own)
    notifying.build_ended(notifying.succeeds(upload))

    assert notifying.tags(upload) == own | upload.recorded(uri(upload.tag))


def test_an_accepted_status_gives_way_to_the_final_one(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.bucket.tag(upload, upload.status("accepted", "A build is queued or runs."))
    notifying.build_ended(notifying.succeeds(upload))

    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))
