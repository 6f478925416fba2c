"""Triggers come late, twice or never: an upload is notified again only with a higher status."""

from typing import Any

import pytest

from tests.functions.support.notifying import BROKEN, Notifying
from tests.functions.support.repository import uri


def test_a_build_event_that_comes_again_with_a_resync_between_notifies_once(notifying: Notifying) -> None:
    build_id = notifying.succeeds(notifying.upload())
    notifying.build_ended(build_id, build_id)
    assert notifying.notifier_wire.of("BatchGetBuilds") == [{"ids": [build_id]}]
    notifying.resync()
    notifying.build_ended(build_id)
    notifying.resync()

    assert notifying.subscriber.counts == (1, 1)


def test_a_build_event_and_the_schedule_in_one_batch_notify_once(notifying: Notifying) -> None:
    build_id = notifying.succeeds(notifying.upload())
    notifying.trigger([notifying.build_event(build_id), *notifying.schedule])

    assert notifying.subscriber.counts == (1, 1)
    assert len(notifying.notifier_wire.of("GetObjectTagging")) == 1


@pytest.mark.parametrize("facts", [{}, {"tags": {f"own-{number}": "value" for number in range(8)}}])
@pytest.mark.parametrize("ends", ["succeeds", "breaks"])
def test_two_builds_of_one_upload_notify_once(notifying: Notifying, ends: str, facts: dict[str, Any]) -> None:
    upload = notifying.upload(**facts)  # with eight tags of its own it takes no status
    first = getattr(notifying, ends)(upload)
    notifying.build_ended(first, notifying.breaks(upload))

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


# What the tags say: tests/unit/core/notifying/test_retry_policy.py has which status may follow which


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


def test_a_copy_that_carries_its_original_s_status_is_notified(notifying: Notifying) -> None:
    original = notifying.upload(key="original.zip")
    copied = original.status("recorded", "some-code: Some sentence.") | {"own": "kept"}
    copy = notifying.upload(key="copy.zip", tags=copied)
    notifying.build_ended(notifying.breaks(copy))

    assert notifying.subscriber.counts == (1, 1)
    assert notifying.tags(copy) == copy.status("failed", BROKEN) | {"own": "kept"}
    assert notifying.tags(original) == {}
