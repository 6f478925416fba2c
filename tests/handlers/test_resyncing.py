"""The resync: on the schedule, the project's own list makes up for every build event that was lost."""

from datetime import timedelta

import pytest

from tests.handlers.support.notifying import BROKEN, Notifying
from tests.handlers.support.project import PAGE, PROJECT
from tests.handlers.support.registry import uri

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)


def asked(notifying: Notifying) -> list[int]:
    """How many builds were asked for at once, each time."""
    return [len(made["ids"]) for made in notifying.notifier_wire.of("BatchGetBuilds")]


def test_a_resync_notifies_uploads_whose_build_events_were_lost(notifying: Notifying) -> None:
    broken, built = notifying.upload(key="broken.zip"), notifying.upload(key="built.zip")
    notifying.breaks(broken, HOUR)
    notifying.succeeds(built, HOUR)
    notifying.resync()

    assert notifying.tags(broken) == broken.status("failed", BROKEN)
    assert notifying.tags(built) == built.recorded(uri(built.tag))
    assert notifying.subscriber.counts == (2, 2)


def test_the_list_of_builds_is_asked_for_without_an_order(notifying: Notifying) -> None:
    notifying.breaks(notifying.upload())
    notifying.resync()

    assert notifying.notifier_wire.of("ListBuildsForProject") == [{"projectName": PROJECT}]


def test_a_project_without_builds_is_resynced(notifying: Notifying) -> None:
    notifying.resync()

    assert notifying.notifier_wire.operations == ["ListBuildsForProject"]
    assert notifying.printed.metrics == {"NothingToRecord": 1}


@pytest.mark.parametrize("place", [0, 1], ids=["a build event", "a parameter change"])
def test_no_trigger_but_the_schedule_resyncs(notifying: Notifying, place: int) -> None:
    notifying.breaks(notifying.upload())
    notifying.trigger(notifying.others[place : place + 1])

    assert "ListBuildsForProject" not in notifying.notifier_wire.operations
    assert notifying.subscriber.counts == (0, 0)


def test_a_resync_notifies_the_upload_of_the_newest_build_first(notifying: Notifying) -> None:
    for number in range(3):
        notifying.breaks(notifying.upload(key=f"{number}.zip"), (3 - number) * HOUR)
    notifying.resync()

    assert [detail["key"] for detail in notifying.subscriber.events] == ["2.zip", "1.zip", "0.zip"]


# How far


def test_a_resync_notifies_an_upload_whose_build_ended_less_than_a_day_ago(notifying: Notifying) -> None:
    notifying.breaks(notifying.upload(), DAY - SECOND)
    notifying.resync()

    assert notifying.subscriber.counts == (1, 1)


def test_a_resync_does_not_notify_an_upload_whose_build_ended_a_day_ago(notifying: Notifying) -> None:
    notifying.breaks(notifying.upload(), DAY)
    notifying.resync()

    assert notifying.subscriber.counts == (0, 0)


def test_a_build_event_notifies_an_upload_whose_build_ended_days_ago(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.build_ended(notifying.breaks(upload, 2 * DAY))

    assert notifying.tags(upload) == upload.status("failed", BROKEN)


def test_a_resync_goes_on_past_a_page_of_builds_that_run(notifying: Notifying) -> None:
    lost, running = notifying.upload(key="lost.zip"), notifying.upload(key="running.zip")
    notifying.breaks(lost, HOUR)
    for _ in range(PAGE + 1):
        notifying.runs(running)
    notifying.resync()

    assert asked(notifying) == [PAGE, 2]
    assert notifying.tags(lost) == lost.status("failed", BROKEN)
    assert notifying.tags(running) == {}


def test_a_resync_goes_on_past_a_page_of_builds_that_are_old_or_run(notifying: Notifying) -> None:
    lost, other = notifying.upload(key="lost.zip"), notifying.upload(key="other.zip")
    notifying.breaks(lost, HOUR)
    for _ in range(PAGE - 1):
        notifying.ends(other, "FAILED", 2 * DAY)
    notifying.runs(other)
    notifying.resync()

    assert asked(notifying) == [PAGE, 1]
    assert notifying.tags(lost) == lost.status("failed", BROKEN)


def test_a_resync_ends_at_a_page_of_builds_that_are_all_older_than_a_day(notifying: Notifying) -> None:
    old = notifying.upload()
    for _ in range(2 * PAGE):
        notifying.ends(old, "FAILED", 2 * DAY)
    notifying.resync()

    assert asked(notifying) == [PAGE]
    assert len(notifying.notifier_wire.of("ListBuildsForProject")) == 1


def test_a_resync_notifies_the_upload_of_a_recent_end_behind_many_old_ones_of_its_page(notifying: Notifying) -> None:
    lost, old = notifying.upload(key="lost.zip"), notifying.upload(key="old.zip")
    notifying.breaks(lost, HOUR)  # it ran long: those that were started after it have ended before
    for _ in range(PAGE - 1):
        notifying.ends(old, "FAILED", 2 * DAY)
    notifying.resync()

    assert notifying.tags(lost) == lost.status("failed", BROKEN)


def test_a_resync_goes_on_past_a_page_with_one_recent_end(notifying: Notifying) -> None:
    first, last, old = (notifying.upload(key=f"{name}.zip") for name in ("first", "last", "old"))
    notifying.breaks(first, HOUR)
    for _ in range(PAGE - 1):
        notifying.ends(old, "FAILED", 2 * DAY)
    notifying.breaks(last, HOUR)
    notifying.resync()

    assert asked(notifying) == [PAGE, 1]
    assert [detail["key"] for detail in notifying.subscriber.events] == ["last.zip", "first.zip"]


def test_a_resync_goes_through_more_than_a_page_of_recent_builds(notifying: Notifying) -> None:
    first, busy = notifying.upload(key="first.zip"), notifying.upload(key="busy.zip")
    notifying.breaks(first, 2 * HOUR)
    notifying.bucket.tag(busy, busy.status("recorded", "notified before"))
    for _ in range(PAGE):
        notifying.ends(busy, "FAILED", HOUR)
    notifying.resync()

    assert asked(notifying) == [PAGE, 1]
    assert notifying.tags(first) == first.status("failed", BROKEN)


def test_a_resync_does_not_repeat_a_build_whose_event_came_in_the_same_batch(notifying: Notifying) -> None:
    uploads = [notifying.upload(key=f"{number}.zip") for number in range(2)]
    ended, lost = (notifying.breaks(upload) for upload in uploads)
    notifying.trigger([notifying.build_event(ended), *notifying.schedule])

    assert notifying.subscriber.counts == (2, 2)
    assert notifying.notifier_wire.of("BatchGetBuilds") == [{"ids": [ended]}, {"ids": [lost, ended]}]
    assert len(notifying.notifier_wire.of("GetObjectTagging")) == 2
