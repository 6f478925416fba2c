"""Triggers come late, twice or never: an upload is notified again only with a higher status."""

from datetime import timedelta

import pytest

from tests.functions.support.notifying import BROKEN, Notifying
from tests.functions.support.repository import uri

HOUR = timedelta(hours=1)


def test_a_second_event_of_a_build_notifies_nobody(notifying: Notifying) -> None:
    build_id = notifying.succeeds(notifying.upload())
    notifying.build_ended(build_id)
    notifying.build_ended(build_id)

    assert notifying.subscriber.counts == (1, 1)


def test_resyncs_after_a_build_event_notify_nobody(notifying: Notifying) -> None:
    notifying.build_ended(notifying.breaks(notifying.upload()))
    notifying.resync()
    notifying.resync()

    assert notifying.subscriber.counts == (1, 1)


def test_a_build_event_twice_in_a_batch_notifies_once(notifying: Notifying) -> None:
    build_id = notifying.succeeds(notifying.upload())
    notifying.build_ended(build_id, build_id)

    assert notifying.subscriber.counts == (1, 1)
    assert notifying.notifier_wire.of("BatchGetBuilds") == [{"ids": [build_id]}]


def test_a_build_event_and_the_schedule_in_one_batch_notify_once(notifying: Notifying) -> None:
    build_id = notifying.succeeds(notifying.upload())
    notifying.trigger([notifying.build_event(build_id), *notifying.schedule])

    assert notifying.subscriber.counts == (1, 1)
    assert len(notifying.notifier_wire.of("GetObjectTagging")) == 1


@pytest.mark.parametrize("ends", ["succeeds", "breaks"])
def test_two_builds_of_one_upload_notify_once(notifying: Notifying, ends: str) -> None:
    upload = notifying.upload()
    end = getattr(notifying, ends)
    first = end(upload)
    second = notifying.ends(upload, "FAILED")
    notifying.build_ended(first, second)

    assert notifying.subscriber.counts == (1, 1)


def test_two_builds_of_an_upload_without_room_for_a_status_notify_once(notifying: Notifying) -> None:
    upload = notifying.upload(tags={f"own-{number}": "value" for number in range(8)})
    notifying.build_ended(notifying.breaks(upload), notifying.breaks(upload))

    assert notifying.subscriber.counts == (1, 1)


def test_several_build_events_in_one_batch_notify_each_upload(notifying: Notifying) -> None:
    uploads = [notifying.upload(key=f"{number}.zip") for number in range(10)]
    notifying.build_ended(*(notifying.breaks(upload) for upload in uploads))

    assert notifying.subscriber.counts == (10, 10)
    assert len(notifying.notifier_wire.of("BatchGetBuilds")) == 1
    assert {notifying.tags(upload)["build-status"] for upload in uploads} == {"failed"}


def test_two_versions_of_one_key_are_two_uploads(notifying: Notifying) -> None:
    older, newer = notifying.upload(), notifying.upload().at("2026-11-20T10:16:00Z")
    notifying.build_ended(notifying.succeeds(older), notifying.succeeds(newer))

    assert notifying.tags(older)["build-status"] == "superseded"
    assert notifying.tags(newer) == newer.recorded(uri(newer.tag))


# Rank


def test_an_upload_whose_retried_build_succeeds_is_notified_again(notifying: Notifying) -> None:
    upload = notifying.upload(tags={"own": "kept"})
    notifying.build_ended(notifying.breaks(upload))
    notifying.build_ended(notifying.succeeds(upload))

    assert [detail["status"] for detail in notifying.subscriber.events] == ["failed", "recorded"]
    assert len(notifying.subscriber.mails) == 2
    assert notifying.tags(upload) == upload.recorded(uri(upload.tag)) | {"own": "kept"}


def test_a_recorded_upload_never_fails(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.build_ended(notifying.succeeds(upload))
    notifying.registry.expire(upload.tag)
    notifying.delete_parameter()
    notifying.build_ended(notifying.breaks(upload))
    notifying.resync()

    assert notifying.subscriber.counts == (1, 1)
    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))


RISES = [("rejected", "failed"), ("failed", "superseded"), ("superseded", "recorded"), ("rejected", "recorded")]


@pytest.mark.parametrize(("before", "after"), RISES)
def test_a_higher_status_is_notified(notifying: Notifying, before: str, after: str) -> None:
    upload = notifying.upload()
    notifying.bucket.tag(upload, upload.status(before, "some-code: Some sentence."))
    notifying.build_ended(notifying.settles(upload, after))

    assert [detail["status"] for detail in notifying.subscriber.events] == [after]
    assert notifying.tags(upload)["build-status"] == after


SAME = [(status, status) for status in ("failed", "superseded", "recorded")]
FALLS = [("superseded", "failed"), ("recorded", "failed"), ("recorded", "superseded")]


@pytest.mark.parametrize(("before", "after"), SAME + FALLS)
def test_a_status_that_is_not_higher_is_not_notified(notifying: Notifying, before: str, after: str) -> None:
    upload = notifying.upload()
    tags = upload.status(before, "some-code: Some sentence.")
    notifying.bucket.tag(upload, tags)
    notifying.build_ended(notifying.settles(upload, after))

    assert notifying.subscriber.counts == (0, 0)
    assert notifying.tags(upload) == tags


# What the tags say


def test_an_accepted_status_that_was_written_late_gives_way_at_the_next_resync(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.build_ended(notifying.breaks(upload, ago=HOUR))
    notifying.bucket.tag(upload, upload.status("accepted", "A build is queued or runs."))
    notifying.resync()

    assert notifying.tags(upload) == upload.status("failed", BROKEN)


@pytest.mark.parametrize("status", ["recorded", "superseded", "failed"])
def test_a_copy_that_carries_its_original_s_status_is_notified(notifying: Notifying, status: str) -> None:
    original = notifying.upload(key="original.zip")
    copied = original.status(status, "some-code: Some sentence.") | {"own": "kept"}
    copy = notifying.upload(key="copy.zip", tags=copied)
    notifying.build_ended(notifying.breaks(copy))

    assert notifying.subscriber.counts == (1, 1)
    assert notifying.tags(copy) == copy.status("failed", BROKEN) | {"own": "kept"}
    assert notifying.tags(original) == {}


def test_a_status_that_no_function_writes_is_not_final(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.bucket.tag(upload, upload.status("RECORDED", "by hand"))
    notifying.build_ended(notifying.breaks(upload))

    assert notifying.tags(upload) == upload.status("failed", BROKEN)
