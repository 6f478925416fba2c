"""A version that can't carry a final status: nothing remembers the telling, so only fresh ends are told."""

from datetime import timedelta

import pytest

from tests.handlers.support.bucket import Upload
from tests.handlers.support.notifying import BROKEN, Tellings

OWN = {f"own-{number}": "value" for number in range(8)}
UNWRITABLE = ["gone", "no right to read", "no right to write", "no room"]
FRESH = timedelta(minutes=19, seconds=59)
STALE = timedelta(minutes=20)


@pytest.fixture(params=UNWRITABLE)
def upload(request: pytest.FixtureRequest, telling: Tellings) -> Upload:
    """A version whose tags can't be written."""
    found = telling.upload(tags=OWN if request.param == "no room" else {"own": "kept"})
    match request.param:
        case "gone":
            telling.bucket.remove(found)
        case "no right to read":
            telling.telling.fails("GetObjectTagging", "AccessDenied", 403)
        case "no right to write":
            telling.telling.fails("PutObjectTagging", "AccessDenied", 403)
    return found


@pytest.mark.parametrize("ago", [FRESH, STALE, timedelta(hours=30)], ids=str)
def test_it_is_told_at_its_own_bell(telling: Tellings, upload: Upload, ago: timedelta) -> None:
    telling.hear(telling.breaks(upload, ago))
    (told,) = telling.audience.events

    assert (told["key"], told["status"], told["reason"]) == (upload.key, "failed", BROKEN)
    assert len(telling.audience.mails) == 1


def test_a_sweep_tells_of_an_end_of_less_than_20_minutes(telling: Tellings, upload: Upload) -> None:
    telling.breaks(upload, FRESH)
    telling.sweep()

    assert telling.audience.heard == (1, 1)


def test_a_sweep_tells_of_no_older_end(telling: Tellings, upload: Upload) -> None:
    telling.breaks(upload, STALE)
    telling.sweep()
    telling.sweep()

    assert telling.audience.heard == (0, 0)
    assert "TellingFailed" not in telling.printed.metrics
    assert "GetLogEvents" not in telling.telling.operations


def test_a_bell_and_the_schedule_at_once_tell_of_it_once(telling: Tellings, upload: Upload) -> None:
    telling.ring([telling.bell(telling.breaks(upload)), *telling.schedule])

    assert telling.audience.heard == (1, 1)


def test_without_room_no_tag_of_theirs_is_dropped(telling: Tellings) -> None:
    upload = telling.upload(tags=OWN)
    telling.hear(telling.breaks(upload))

    assert telling.tags(upload) == OWN
    assert telling.printed.metrics == {"NothingToRecord": 1, "StatusNotWritten": 1}
    (told,) = telling.printed.told("The status can't be written")
    assert (told["status"], told["reason"]) == ("failed", BROKEN)


def test_a_sweep_leaves_their_tags_as_they_are(telling: Tellings) -> None:
    upload = telling.upload(tags=OWN)
    telling.breaks(upload, STALE)
    telling.sweep()

    assert telling.tags(upload) == OWN


def test_an_older_end_whose_status_can_be_written_is_told_by_a_sweep(telling: Tellings) -> None:
    upload = telling.upload(tags={"own": "kept"})
    telling.breaks(upload, STALE)
    telling.sweep()
    telling.sweep()

    assert telling.audience.heard == (1, 1)
    assert telling.tags(upload) == upload.status("failed", BROKEN) | {"own": "kept"}


def test_so_is_one_of_a_version_without_tags(telling: Tellings) -> None:
    upload = telling.upload()
    telling.breaks(upload, STALE)
    telling.sweep()

    assert telling.audience.heard == (1, 1)
    assert telling.tags(upload) == upload.status("failed", BROKEN)


def test_where_writing_only_fails_now_a_later_sweep_tells_once(telling: Tellings) -> None:
    upload = telling.upload()
    telling.breaks(upload, STALE)
    telling.telling.fails("PutObjectTagging", "SlowDown", 503)
    telling.sweep()
    assert telling.audience.heard == (0, 0)
    telling.telling.heals("PutObjectTagging")
    telling.sweep()
    telling.sweep()

    assert telling.audience.heard == (1, 1)
    assert telling.tags(upload) == upload.status("failed", BROKEN)
