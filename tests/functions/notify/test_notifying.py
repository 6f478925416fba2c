"""How RecordImage notifies an upload whose build has ended: the repository and the history decide, not the trigger.

tests/unit/core/notifying has what becomes of an upload, and when.
"""

import pytest

from tests.functions.support.frozen_clock import SINCE_UPLOAD
from tests.functions.support.notifying import BROKEN, Notifying
from tests.functions.support.repository import uri
from tests.functions.support.subscriber import TOPIC

LATER = "2026-11-20T10:16:00Z"
NEWER = "superseded: A newer upload is recorded or ready."

# Recorded


def test_a_recorded_upload_has_exactly_this_event_then_this_mail_then_its_status(notifying: Notifying) -> None:
    upload = notifying.upload()
    build_id = notifying.succeeds(upload)
    seen: list[str | None] = []
    notifying.notifier_wire.before("PutEvents", lambda: seen.append(notifying.value))
    notifying.build_ended(build_id)

    assert seen == [uri(upload.tag)], "it is recorded first"
    assert notifying.notifier_wire.operations == [
        "BatchGetBuilds",
        "GetObjectTagging",
        "GetLogEvents",
        "PutEvents",
        "Publish",
        "PutObjectTagging",
    ]
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
            "log": None,
            "imageTag": upload.tag,
            "imageUri": uri(upload.tag),
            "buildId": build_id,
            "seconds": SINCE_UPLOAD,
        }
    ]
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
    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))
    assert notifying.printed.metrics == {"ImageRecorded": 1, "UploadRecorded": 1}


def test_each_request_of_record_image_to_s3_names_the_version_and_the_buckets_owner(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.build_ended(notifying.succeeds(upload))
    asked = [made for operation, made in notifying.notifier_wire.requests if "Object" in operation]

    assert len(asked) == 2
    for made in asked:
        named = (made["Bucket"], made["Key"], made["VersionId"])
        assert named == (notifying.bucket.name, upload.key, upload.version_id)
        assert made["ExpectedBucketOwner"] == "123456789012"


def test_a_notification_is_in_the_log_with_its_build_and_that_in_no_entry_of_another_invocation(
    notifying: Notifying,
) -> None:
    upload = notifying.upload()
    build_id = notifying.succeeds(upload)
    notifying.build_ended(build_id)
    request_id = notifying.trigger([])
    (entry,) = notifying.printed.entries("Notified")
    later = [each for each in notifying.printed.log if each["function_request_id"] == request_id]

    assert (entry["status"], entry["key"], entry["versionId"]) == ("recorded", upload.key, upload.version_id)
    assert entry["build_id"] == build_id
    assert later
    assert [each for each in later if "build_id" in each] == []


@pytest.mark.parametrize("key", ["a b+c%2B/naïve/日本語/🍕.zip", 'back\\slash/"quoted".zip'])
def test_any_key_is_published_as_it_is_and_the_uploaders_own_tags_survive(notifying: Notifying, key: str) -> None:
    own = {f"own-{number}": f"value {number}" for number in range(7)}
    upload = notifying.upload(key=key)
    notifying.bucket.tag(upload, own | upload.status("accepted", "A build is queued or runs."))
    notifying.build_ended(notifying.succeeds(upload))
    (detail,) = notifying.subscriber.events

    assert detail["key"] == key
    assert notifying.tags(upload) == own | upload.recorded(uri(upload.tag))


def test_an_upload_that_was_recorded_before_stays_recorded_whatever_the_parameter_names_now(
    notifying: Notifying,
) -> None:
    first, second = notifying.upload(), notifying.upload(key="second.zip").at(LATER)
    build_id = notifying.succeeds(first)
    notifying.trigger([])
    notifying.build_ended(notifying.succeeds(second))
    notifying.put_by_hand("123456789012.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service:keep-this")
    notifying.build_ended(build_id)

    assert notifying.tags(first) == first.recorded(uri(first.tag))


# Failed


def test_an_upload_whose_build_failed_says_why(notifying: Notifying) -> None:
    upload = notifying.upload()
    build_id = notifying.breaks(upload)
    notifying.build_ended(build_id)
    (entry,), (detail,), (mail,) = notifying.subscriber.entries, notifying.subscriber.events, notifying.subscriber.mails

    assert notifying.tags(upload) == upload.status("failed", BROKEN)
    assert entry["DetailType"] == "Build Failed"
    assert (detail["status"], detail["reason"]) == ("failed", BROKEN)
    assert (detail["imageUri"], detail["buildId"]) == (None, build_id)
    assert mail["Subject"] == "jwt-pizza-service: failed jwt-pizza-service.zip"
    assert f"\nreason: {BROKEN}\n" in mail["Message"]
    assert "imageUri" not in mail["Message"]
    assert notifying.printed.metrics == {"NothingToRecord": 1, "UploadFailed": 1}


# Superseded


def test_an_upload_below_a_newer_image_is_superseded(notifying: Notifying) -> None:
    older, newer = notifying.upload(), notifying.upload(key="newer.zip").at(LATER)
    notifying.registry.push(newer.tag)
    notifying.build_ended(notifying.succeeds(older))
    (entry,), (detail,) = notifying.subscriber.entries, notifying.subscriber.events

    assert notifying.tags(older) == older.status("superseded", notifying.tags(older)["build-reason"])
    assert notifying.tags(older)["build-reason"].startswith(NEWER)
    assert entry["DetailType"] == "Upload Superseded"
    assert (detail["key"], detail["status"]) == (older.key, "superseded")
    assert detail["reason"].startswith(NEWER)
    assert notifying.subscriber.mails == []


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
