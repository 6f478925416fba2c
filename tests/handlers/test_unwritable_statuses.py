"""A version that can't carry a final status: nothing remembers the notifying, so only fresh ends are told."""

from datetime import timedelta

import pytest

from tests.handlers.support.bucket import Upload
from tests.handlers.support.notifying import BROKEN, Notifying

OWN = {f"own-{number}": "value" for number in range(8)}
UNWRITABLE = ["gone", "no right to read", "no right to write", "no room"]
FRESH = timedelta(minutes=19, seconds=59)
STALE = timedelta(minutes=20)


@pytest.fixture(params=UNWRITABLE)
def upload(request: pytest.FixtureRequest, notifying: Notifying) -> Upload:
    """A version whose tags can't be written."""
    found = notifying.upload(tags=OWN if request.param == "no room" else {"own": "kept"})
    match request.param:
        case "gone":
            notifying.bucket.remove(found)
        case "no right to read":
            notifying.notifier_wire.fails("GetObjectTagging", "AccessDenied", 403)
        case "no right to write":
            notifying.notifier_wire.fails("PutObjectTagging", "AccessDenied", 403)
    return found


@pytest.mark.parametrize("ago", [FRESH, STALE, timedelta(hours=30)], ids=str)
def test_it_is_told_at_its_own_bell(notifying: Notifying, upload: Upload, ago: timedelta) -> None:
    notifying.build_ended(notifying.breaks(upload, ago))
    (told,) = notifying.subscriber.events

    assert (told["key"], told["status"], told["reason"]) == (upload.key, "failed", BROKEN)
    assert len(notifying.subscriber.mails) == 1


def test_a_sweep_tells_of_an_end_of_less_than_20_minutes(notifying: Notifying, upload: Upload) -> None:
    notifying.breaks(upload, FRESH)
    notifying.resync()

    assert notifying.subscriber.counts == (1, 1)


def test_a_sweep_tells_of_no_older_end(notifying: Notifying, upload: Upload) -> None:
    notifying.breaks(upload, STALE)
    notifying.resync()
    notifying.resync()

    assert notifying.subscriber.counts == (0, 0)
    assert "NotificationFailed" not in notifying.printed.metrics
    assert "GetLogEvents" not in notifying.notifier_wire.operations


def test_a_bell_and_the_schedule_at_once_tell_of_it_once(notifying: Notifying, upload: Upload) -> None:
    notifying.trigger([notifying.build_event(notifying.breaks(upload)), *notifying.schedule])

    assert notifying.subscriber.counts == (1, 1)


def test_without_room_no_tag_of_theirs_is_dropped(notifying: Notifying) -> None:
    upload = notifying.upload(tags=OWN)
    notifying.build_ended(notifying.breaks(upload))

    assert notifying.tags(upload) == OWN
    assert notifying.printed.metrics == {"NothingToRecord": 1, "StatusNotWritten": 1}
    (told,) = notifying.printed.entries("The status can't be written")
    assert (told["status"], told["reason"]) == ("failed", BROKEN)


def test_a_sweep_leaves_their_tags_as_they_are(notifying: Notifying) -> None:
    upload = notifying.upload(tags=OWN)
    notifying.breaks(upload, STALE)
    notifying.resync()

    assert notifying.tags(upload) == OWN


def test_an_older_end_whose_status_can_be_written_is_told_by_a_sweep(notifying: Notifying) -> None:
    upload = notifying.upload(tags={"own": "kept"})
    notifying.breaks(upload, STALE)
    notifying.resync()
    notifying.resync()

    assert notifying.subscriber.counts == (1, 1)
    assert notifying.tags(upload) == upload.status("failed", BROKEN) | {"own": "kept"}


def test_so_is_one_of_a_version_without_tags(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.breaks(upload, STALE)
    notifying.resync()

    assert notifying.subscriber.counts == (1, 1)
    assert notifying.tags(upload) == upload.status("failed", BROKEN)


def test_where_writing_only_fails_now_a_later_sweep_tells_once(notifying: Notifying) -> None:
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
