"""A version that can't carry a final status: nothing remembers the notification, so only fresh ends are notified."""

from datetime import timedelta

import pytest

from tests.functions.support.bucket import Upload
from tests.functions.support.notifying import BROKEN, Notifying

OWN = {f"own-{number}": "value" for number in range(8)}
UNWRITABLE = ["gone", "no right to write", "no room"]
FRESH = timedelta(minutes=19, seconds=59)
STALE = timedelta(minutes=20)


@pytest.fixture(params=UNWRITABLE)
def upload(request: pytest.FixtureRequest, notifying: Notifying) -> Upload:
    """A version whose tags can't be written."""
    found = notifying.upload(tags=OWN if request.param == "no room" else {"own": "kept"})
    match request.param:
        case "gone":
            notifying.bucket.remove(found)
        case "no right to write":
            notifying.notifier_wire.fails("PutObjectTagging", "AccessDenied", 403)
    return found


def test_an_unwritable_status_is_notified_once_at_its_build_event(notifying: Notifying, upload: Upload) -> None:
    build_id = notifying.breaks(upload, timedelta(hours=30))
    notifying.trigger([notifying.build_event(build_id), *notifying.schedule])
    (detail,) = notifying.subscriber.events

    assert (detail["key"], detail["status"], detail["reason"]) == (upload.key, "failed", BROKEN)
    assert len(notifying.subscriber.mails) == 1


@pytest.mark.parametrize(("ago", "notified"), [(FRESH, 1), (STALE, 0)])
def test_an_unwritable_status_is_notified_by_a_resync_within_20_minutes_of_the_end(
    notifying: Notifying, upload: Upload, ago: timedelta, notified: int
) -> None:
    notifying.breaks(upload, ago)
    notifying.resync()

    assert notifying.subscriber.counts == (notified, notified)
    assert "NotificationFailed" not in notifying.printed.metrics


def test_without_room_for_a_final_status_no_tag_of_the_uploader_is_dropped(notifying: Notifying) -> None:
    upload = notifying.upload(tags=OWN)
    build_id = notifying.breaks(upload, STALE)
    notifying.resync()
    assert notifying.tags(upload) == OWN
    notifying.build_ended(build_id)

    assert notifying.tags(upload) == OWN
    assert notifying.printed.metrics == {"NothingToRecord": 2, "StatusHasNoPlace": 1, "UploadFailed": 1}
    (entry,) = notifying.printed.entries("The version takes no status")
    assert (entry["status"], entry["reason"]) == ("failed", BROKEN)


@pytest.mark.parametrize("own", [{}, {"own": "kept"}])
def test_a_writable_status_is_notified_once_by_a_resync_20_minutes_after_the_end(
    notifying: Notifying, own: dict[str, str]
) -> None:
    upload = notifying.upload(tags=own)
    notifying.breaks(upload, STALE)
    notifying.resync()
    notifying.resync()

    assert notifying.subscriber.counts == (1, 1)
    assert notifying.tags(upload) == upload.status("failed", BROKEN) | own


def test_a_status_that_can_not_be_written_now_is_notified_once_by_a_later_resync(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.breaks(upload, STALE)
    notifying.notifier_wire.fails("PutObjectTagging", "SlowDown", 503)
    notifying.resync()
    assert notifying.subscriber.counts == (0, 0)
    notifying.notifier_wire.heals("PutObjectTagging")
    notifying.resync()
    notifying.resync()

    assert notifying.subscriber.counts == (1, 1)
    assert notifying.tags(upload) == upload.status("failed", BROKEN)


def test_while_tags_may_not_be_read_somebody_s_attention_is_asked_for_and_then_the_upload_is_notified_once(
    notifying: Notifying,
) -> None:
    upload = notifying.upload(tags={"own": "kept"})
    notifying.notifier_wire.fails("GetObjectTagging", "AccessDenied", 403)
    notifying.build_ended(notifying.breaks(upload, STALE))
    for _ in range(2):
        notifying.resync()

    assert notifying.subscriber.counts == (0, 0)
    assert notifying.printed.metrics["NotificationFailed"] == 3
    assert notifying.printed.attention == 3
    notifying.notifier_wire.heals("GetObjectTagging")
    for _ in range(2):
        notifying.resync()
    assert notifying.subscriber.counts == (1, 1)
    assert notifying.tags(upload) == upload.status("failed", BROKEN) | {"own": "kept"}


def test_a_status_that_a_resync_may_not_write_asks_for_somebody_s_attention(notifying: Notifying) -> None:
    notifying.breaks(notifying.upload(), STALE)
    notifying.notifier_wire.fails("PutObjectTagging", "AccessDenied", 403)
    notifying.resync()

    assert notifying.printed.metrics == {"NothingToRecord": 1, "StatusNotWritten": 1}
    assert notifying.printed.repair == 1


FAULT = "push-failed: denied: not authorized to push"


def test_a_build_that_failed_by_a_fault_is_built_again_without_room_for_a_status(notifying: Notifying) -> None:
    build_id = notifying.breaks(notifying.upload(tags=OWN), STALE, FAULT)
    notifying.resync()

    assert notifying.built_again == [build_id]
    assert notifying.subscriber.counts == (0, 0)


def test_five_hours_after_the_end_no_log_is_read_for_an_upload_without_room_for_a_status(notifying: Notifying) -> None:
    notifying.breaks(notifying.upload(tags=OWN), timedelta(hours=5), FAULT)
    notifying.resync()

    assert not {"GetLogEvents", "StartBuild"} & set(notifying.notifier_wire.operations)
    assert notifying.subscriber.counts == (0, 0)


def test_a_policy_on_our_tags_alone_has_an_end_notified_once(notifying: Notifying) -> None:
    upload = notifying.upload(tags={"own": "kept"})

    def refuse_ours() -> None:
        asked = notifying.notifier_wire.of("PutObjectTagging")[-1]["Tagging"]["TagSet"]
        if any(tag["Key"] == "build-status" for tag in asked):
            notifying.notifier_wire.fails("PutObjectTagging", "AccessDenied", 403)
        else:
            notifying.notifier_wire.heals("PutObjectTagging")

    notifying.notifier_wire.before("PutObjectTagging", refuse_ours)
    notifying.build_ended(notifying.breaks(upload))
    notifying.project.builds[0]["endTime"] -= STALE
    for _ in range(2):
        notifying.resync()

    assert notifying.subscriber.counts == (1, 1)
