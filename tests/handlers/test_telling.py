"""What RecordImage tells of an upload whose build has ended: the ledger decides it, whatever the bell says."""

import pytest

from tests.handlers.support.frozen_clock import SINCE_UPLOAD
from tests.handlers.support.notifying import BROKEN, Tellings
from tests.handlers.support.registry import uri
from tests.handlers.support.subscriber import TOPIC

LATER = "2026-11-20T10:16:00Z"
NEWER = "superseded: A newer upload is recorded or ready."
GONE = "build-system-fault: The image was built and is gone from the repository. Upload the source again."

# Recorded


def test_an_upload_whose_image_was_recorded_says_which_it_is(telling: Tellings) -> None:
    upload = telling.upload()
    telling.hear(telling.succeeds(upload))

    assert telling.tags(upload) == upload.recorded(uri(upload.tag))
    assert telling.printed.metrics == {"ImageRecorded": 1}


def test_its_event_is_exactly_this(telling: Tellings) -> None:
    upload = telling.upload()
    build_id = telling.succeeds(upload)
    telling.hear(build_id)
    (entry,) = telling.audience.entries

    assert entry.keys() == {"Source", "DetailType", "Detail"}
    assert (entry["Source"], entry["DetailType"]) == ("source-to-ecr", "Image Recorded")
    assert telling.audience.events == [
        {
            "service": "jwt-pizza-service",
            "bucket": telling.bucket.name,
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


def test_its_mail_is_exactly_this(telling: Tellings) -> None:
    upload = telling.upload()
    build_id = telling.succeeds(upload)
    telling.hear(build_id)

    assert telling.audience.mails == [
        {
            "TopicArn": TOPIC,
            "Subject": "jwt-pizza-service: recorded jwt-pizza-service.zip",
            "Message": (
                "service: jwt-pizza-service\n"
                f"bucket: {telling.bucket.name}\n"
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


def test_it_is_recorded_before_it_is_told(telling: Tellings) -> None:
    upload = telling.upload()
    seen: list[str | None] = []
    telling.telling.before("PutEvents", lambda: seen.append(telling.value))
    telling.hear(telling.succeeds(upload))

    assert seen == [uri(upload.tag)]


def test_the_event_comes_first_then_the_mail_then_the_status(telling: Tellings) -> None:
    telling.hear(telling.succeeds(telling.upload()))

    assert telling.telling.operations == [
        "BatchGetBuilds",
        "GetObjectTagging",
        "PutEvents",
        "Publish",
        "PutObjectTagging",
    ]


def test_an_older_upload_that_was_recorded_before_stays_recorded(telling: Tellings) -> None:
    first, second = telling.upload(), telling.upload(key="second.zip").at(LATER)
    build_id = telling.succeeds(first)
    telling.ring([])
    telling.hear(telling.succeeds(second))
    telling.hear(build_id)

    assert telling.tags(first) == first.recorded(uri(first.tag))


def test_a_rollback_takes_no_upload_s_status(telling: Tellings) -> None:
    upload = telling.upload()
    build_id = telling.succeeds(upload)
    telling.ring([])
    telling.put_by_hand("123456789012.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service:keep-this")
    telling.hear(build_id)

    assert telling.tags(upload) == upload.recorded(uri(upload.tag))


# Failed


def test_an_upload_whose_build_failed_says_why(telling: Tellings) -> None:
    upload = telling.upload()
    build_id = telling.breaks(upload)
    telling.hear(build_id)
    (entry,), (told,), (mail,) = telling.audience.entries, telling.audience.events, telling.audience.mails

    assert telling.tags(upload) == upload.status("failed", BROKEN)
    assert entry["DetailType"] == "Build Failed"
    assert (told["status"], told["reason"], told["imageUri"], told["buildId"]) == ("failed", BROKEN, None, build_id)
    assert mail["Subject"] == "jwt-pizza-service: failed jwt-pizza-service.zip"
    assert f"\nreason: {BROKEN}\n" in mail["Message"]
    assert "imageUri" not in mail["Message"]
    assert telling.printed.metrics == {"NothingToRecord": 1}


def test_a_build_that_failed_while_its_image_exists_is_no_failure(telling: Tellings) -> None:
    upload = telling.upload()
    telling.registry.push(upload.tag)
    telling.hear(telling.breaks(upload))

    assert telling.tags(upload) == upload.recorded(uri(upload.tag))
    assert [told["status"] for told in telling.audience.events] == ["recorded"]


def test_an_upload_whose_image_is_gone_before_it_was_recorded_has_failed(telling: Tellings) -> None:
    upload = telling.upload()
    build_id = telling.succeeds(upload)
    telling.registry.expire(upload.tag)
    telling.hear(build_id)
    (told,) = telling.audience.events

    assert telling.tags(upload) == upload.status("failed", GONE)
    assert (told["status"], told["reason"]) == ("failed", GONE)
    assert "GetLogEvents" not in telling.telling.operations


# Superseded


@pytest.mark.parametrize("exists", [True, False], ids=["its image exists", "its image is gone"])
def test_an_upload_that_a_newer_one_overtook_is_superseded(telling: Tellings, exists: bool) -> None:
    older, newer = telling.upload(), telling.upload(key="newer.zip").at(LATER)
    telling.registry.push(newer.tag)
    build_id = telling.succeeds(older)
    if not exists:
        telling.registry.expire(older.tag)
    telling.hear(build_id)
    (entry,), (told,) = telling.audience.entries, telling.audience.events

    assert telling.tags(older) == older.status("superseded", telling.tags(older)["build-reason"])
    assert telling.tags(older)["build-reason"].startswith(NEWER)
    assert entry["DetailType"] == "Upload Superseded"
    assert (told["key"], told["status"]) == (older.key, "superseded")
    assert told["reason"].startswith(NEWER)
    assert telling.audience.mails == []


def test_a_build_that_failed_below_a_newer_one_has_failed(telling: Tellings) -> None:
    older, newer = telling.upload(), telling.upload(key="newer.zip").at(LATER)
    telling.registry.push(newer.tag)
    telling.hear(telling.breaks(older))

    assert telling.tags(older) == older.status("failed", BROKEN)


def test_what_counts_is_the_highest_tag_in_the_history_and_not_what_is_named_now(telling: Tellings) -> None:
    older, newer = telling.upload(), telling.upload(key="newer.zip").at(LATER)
    telling.registry.push(newer.tag)
    telling.ring([])
    telling.registry.expire(newer.tag)
    telling.put_by_hand(uri(older.tag), "a rollback")
    telling.hear(telling.succeeds(older))

    assert telling.tags(older)["build-status"] == "superseded"


# Open


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED"])
def test_while_an_image_exists_and_is_not_recorded_nothing_is_told(telling: Tellings, status: str) -> None:
    upload = telling.upload().at("2026-11-20T11:00:00Z")  # a time to come: it isn't recorded
    telling.registry.push(upload.tag)
    telling.hear(telling.ends(upload, status))

    assert telling.audience.heard == (0, 0)
    assert telling.tags(upload) == {}
    assert telling.printed.metrics == {"NothingToRecord": 1, "FutureTags": 1}


def test_while_its_build_runs_nothing_is_told(telling: Tellings) -> None:
    telling.hear(telling.runs(telling.upload()))

    assert telling.audience.heard == (0, 0)
    assert telling.telling.operations == ["BatchGetBuilds"]


# Whatever tells


def test_what_is_told_is_in_the_log_with_its_build(telling: Tellings) -> None:
    upload = telling.upload()
    build_id = telling.succeeds(upload)
    telling.hear(build_id)
    (told,) = telling.printed.told("Told")

    assert (told["status"], told["key"], told["versionId"]) == ("recorded", upload.key, upload.version_id)
    assert told["build_id"] == build_id


def test_what_one_build_was_about_is_not_said_of_the_next_invocation(telling: Tellings) -> None:
    telling.hear(telling.succeeds(telling.upload()))
    request_id = telling.ring([])

    later = [entry for entry in telling.printed.log if entry["function_request_id"] == request_id]

    assert later
    assert [entry for entry in later if "build_id" in entry] == []


def test_each_request_to_s3_names_the_version_and_the_buckets_owner(telling: Tellings) -> None:
    upload = telling.upload()
    telling.hear(telling.succeeds(upload))
    asked = [made for operation, made in telling.telling.requests if "Object" in operation]

    assert len(asked) == 2
    for made in asked:
        assert (made["Bucket"], made["Key"], made["VersionId"]) == (telling.bucket.name, upload.key, upload.version_id)
        assert made["ExpectedBucketOwner"] == "123456789012"


@pytest.mark.parametrize("key", ["a b+c%2B.zip", "naïve/日本語/🍕.zip", "back\\slash", '"quoted".zip'])
def test_a_key_is_data(telling: Tellings, key: str) -> None:
    upload = telling.upload(key=key)
    telling.hear(telling.succeeds(upload))
    (told,) = telling.audience.events

    assert told["key"] == key
    assert telling.tags(upload) == upload.recorded(uri(upload.tag))


def test_the_uploaders_own_tags_survive(telling: Tellings) -> None:
    own = {f"own-{number}": f"value {number}" for number in range(7)}
    upload = telling.upload(tags=own)
    telling.hear(telling.succeeds(upload))

    assert telling.tags(upload) == own | upload.recorded(uri(upload.tag))


def test_what_it_was_accepted_with_gives_way(telling: Tellings) -> None:
    upload = telling.upload()
    telling.bucket.tag(upload, upload.status("accepted", "A build is queued or runs."))
    telling.hear(telling.succeeds(upload))

    assert telling.tags(upload) == upload.recorded(uri(upload.tag))
