"""What RecordImage tells of an upload whose build has ended: the ledger decides it, whatever the bell says."""

import pytest

from tests.handlers.support.frozen_clock import SINCE_UPLOAD
from tests.handlers.support.notifying import BROKEN, Notifying
from tests.handlers.support.registry import uri
from tests.handlers.support.subscriber import TOPIC

LATER = "2026-11-20T10:16:00Z"
NEWER = "superseded: A newer upload is recorded or ready."
GONE = "build-system-fault: The image was built and is gone from the repository. Upload the source again."

# Recorded


def test_an_upload_whose_image_was_recorded_says_which_it_is(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.build_ended(notifying.succeeds(upload))

    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))
    assert notifying.printed.metrics == {"ImageRecorded": 1}


def test_its_event_is_exactly_this(notifying: Notifying) -> None:
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
            "imageTag": upload.tag,
            "imageUri": uri(upload.tag),
            "buildId": build_id,
            "seconds": SINCE_UPLOAD,
        }
    ]


def test_its_mail_is_exactly_this(notifying: Notifying) -> None:
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


def test_it_is_recorded_before_it_is_told(notifying: Notifying) -> None:
    upload = notifying.upload()
    seen: list[str | None] = []
    notifying.notifier_wire.before("PutEvents", lambda: seen.append(notifying.value))
    notifying.build_ended(notifying.succeeds(upload))

    assert seen == [uri(upload.tag)]


def test_the_event_comes_first_then_the_mail_then_the_status(notifying: Notifying) -> None:
    notifying.build_ended(notifying.succeeds(notifying.upload()))

    assert notifying.notifier_wire.operations == [
        "BatchGetBuilds",
        "GetObjectTagging",
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
    (entry,), (told,), (mail,) = notifying.subscriber.entries, notifying.subscriber.events, notifying.subscriber.mails

    assert notifying.tags(upload) == upload.status("failed", BROKEN)
    assert entry["DetailType"] == "Build Failed"
    assert (told["status"], told["reason"], told["imageUri"], told["buildId"]) == ("failed", BROKEN, None, build_id)
    assert mail["Subject"] == "jwt-pizza-service: failed jwt-pizza-service.zip"
    assert f"\nreason: {BROKEN}\n" in mail["Message"]
    assert "imageUri" not in mail["Message"]
    assert notifying.printed.metrics == {"NothingToRecord": 1}


def test_a_build_that_failed_while_its_image_exists_is_no_failure(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.registry.push(upload.tag)
    notifying.build_ended(notifying.breaks(upload))

    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))
    assert [told["status"] for told in notifying.subscriber.events] == ["recorded"]


def test_an_upload_whose_image_is_gone_before_it_was_recorded_has_failed(notifying: Notifying) -> None:
    upload = notifying.upload()
    build_id = notifying.succeeds(upload)
    notifying.registry.expire(upload.tag)
    notifying.build_ended(build_id)
    (told,) = notifying.subscriber.events

    assert notifying.tags(upload) == upload.status("failed", GONE)
    assert (told["status"], told["reason"]) == ("failed", GONE)
    assert "GetLogEvents" not in notifying.notifier_wire.operations


# Superseded


@pytest.mark.parametrize("exists", [True, False], ids=["its image exists", "its image is gone"])
def test_an_upload_that_a_newer_one_overtook_is_superseded(notifying: Notifying, exists: bool) -> None:
    older, newer = notifying.upload(), notifying.upload(key="newer.zip").at(LATER)
    notifying.registry.push(newer.tag)
    build_id = notifying.succeeds(older)
    if not exists:
        notifying.registry.expire(older.tag)
    notifying.build_ended(build_id)
    (entry,), (told,) = notifying.subscriber.entries, notifying.subscriber.events

    assert notifying.tags(older) == older.status("superseded", notifying.tags(older)["build-reason"])
    assert notifying.tags(older)["build-reason"].startswith(NEWER)
    assert entry["DetailType"] == "Upload Superseded"
    assert (told["key"], told["status"]) == (older.key, "superseded")
    assert told["reason"].startswith(NEWER)
    assert notifying.subscriber.mails == []


def test_a_build_that_failed_below_a_newer_one_has_failed(notifying: Notifying) -> None:
    older, newer = notifying.upload(), notifying.upload(key="newer.zip").at(LATER)
    notifying.registry.push(newer.tag)
    notifying.build_ended(notifying.breaks(older))

    assert notifying.tags(older) == older.status("failed", BROKEN)


def test_what_counts_is_the_highest_tag_in_the_history_and_not_what_is_named_now(notifying: Notifying) -> None:
    older, newer = notifying.upload(), notifying.upload(key="newer.zip").at(LATER)
    notifying.registry.push(newer.tag)
    notifying.trigger([])
    notifying.registry.expire(newer.tag)
    notifying.put_by_hand(uri(older.tag), "a rollback")
    notifying.build_ended(notifying.succeeds(older))

    assert notifying.tags(older)["build-status"] == "superseded"


# Open


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED"])
def test_while_an_image_exists_and_is_not_recorded_nothing_is_told(notifying: Notifying, status: str) -> None:
    upload = notifying.upload().at("2026-11-20T11:00:00Z")  # a time to come: it isn't recorded
    notifying.registry.push(upload.tag)
    notifying.build_ended(notifying.ends(upload, status))

    assert notifying.subscriber.counts == (0, 0)
    assert notifying.tags(upload) == {}
    assert notifying.printed.metrics == {"NothingToRecord": 1, "FutureTags": 1}


def test_while_its_build_runs_nothing_is_told(notifying: Notifying) -> None:
    notifying.build_ended(notifying.runs(notifying.upload()))

    assert notifying.subscriber.counts == (0, 0)
    assert notifying.notifier_wire.operations == ["BatchGetBuilds"]


# Whatever tells


def test_what_is_told_is_in_the_log_with_its_build(notifying: Notifying) -> None:
    upload = notifying.upload()
    build_id = notifying.succeeds(upload)
    notifying.build_ended(build_id)
    (told,) = notifying.printed.entries("Notified")

    assert (told["status"], told["key"], told["versionId"]) == ("recorded", upload.key, upload.version_id)
    assert told["build_id"] == build_id


def test_what_one_build_was_about_is_not_said_of_the_next_invocation(notifying: Notifying) -> None:
    notifying.build_ended(notifying.succeeds(notifying.upload()))
    request_id = notifying.trigger([])

    later = [entry for entry in notifying.printed.log if entry["function_request_id"] == request_id]

    assert later
    assert [entry for entry in later if "build_id" in entry] == []


def test_each_request_to_s3_names_the_version_and_the_buckets_owner(notifying: Notifying) -> None:
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
def test_a_key_is_data(notifying: Notifying, key: str) -> None:
    upload = notifying.upload(key=key)
    notifying.build_ended(notifying.succeeds(upload))
    (told,) = notifying.subscriber.events

    assert told["key"] == key
    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))


def test_the_uploaders_own_tags_survive(notifying: Notifying) -> None:
    own = {f"own-{number}": f"value {number}" for number in range(7)}
    upload = notifying.upload(tags=own)
    notifying.build_ended(notifying.succeeds(upload))

    assert notifying.tags(upload) == own | upload.recorded(uri(upload.tag))


def test_what_it_was_accepted_with_gives_way(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.bucket.tag(upload, upload.status("accepted", "A build is queued or runs."))
    notifying.build_ended(notifying.succeeds(upload))

    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))
