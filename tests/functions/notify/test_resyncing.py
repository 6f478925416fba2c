"""The resync: on the schedule, the project's own list makes up for every build event that was lost."""

from datetime import timedelta

import pytest

from tests.functions.support.notifying import BROKEN, Notifying
from tests.functions.support.project import AT_ONCE, PAGE, PROJECT
from tests.functions.support.repository import uri

A_PAGE = [AT_ONCE] * (PAGE // AT_ONCE)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


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
    asked = notifying.notifier_wire.of("ListBuildsForProject")
    assert asked == [{"projectName": PROJECT}] * 2, "for what was recorded and for the resync, without an order"


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


# How far: tests/unit/core/notifying/test_backlog.py has the times and the order


@pytest.mark.parametrize(
    ("builds", "expected"),
    [
        pytest.param([None] * (PAGE + 1), [*A_PAGE, 2], id="run"),
        pytest.param([*[2 * DAY] * (PAGE - 1), None], [*A_PAGE, 1], id="are old or run"),
        pytest.param([2 * DAY] * (PAGE - 1), A_PAGE, id="are old"),  # it ran long: those started after it ended before
        pytest.param([HOUR] * PAGE, [*A_PAGE, 1], id="are recent"),
    ],
)
def test_a_resync_finds_a_recent_end_behind_a_page_of_builds_that(
    notifying: Notifying, builds: list[timedelta | None], expected: list[int]
) -> None:
    lost, other = notifying.upload(key="lost.zip"), notifying.upload(key="other.zip")
    notifying.bucket.tag(other, other.status("recorded", "notified before"))
    notifying.breaks(lost, HOUR)
    for ago in builds:
        if ago:
            notifying.ends(other, "FAILED", ago)
        else:
            notifying.runs(other)
    notifying.resync()

    assert asked(notifying) == expected
    assert notifying.tags(lost) == lost.status("failed", BROKEN)


def test_a_resync_ends_at_25_builds_that_are_all_older_than_14_days(notifying: Notifying) -> None:
    old = notifying.upload()
    for _ in range(2 * PAGE):
        notifying.ends(old, "FAILED", 14 * DAY)
    notifying.resync()

    assert asked(notifying) == [AT_ONCE]
    assert len(notifying.notifier_wire.of("ListBuildsForProject")) == 1


def test_a_resync_goes_on_past_a_page_with_one_recent_end(notifying: Notifying) -> None:
    first, last, old = (notifying.upload(key=f"{name}.zip") for name in ("first", "last", "old"))
    notifying.breaks(first, HOUR)
    for _ in range(AT_ONCE - 1):
        notifying.ends(old, "FAILED", 14 * DAY)
    notifying.breaks(last, HOUR)
    notifying.resync()

    assert asked(notifying) == [AT_ONCE, 1]
    assert [detail["key"] for detail in notifying.subscriber.events] == ["last.zip", "first.zip"]


def test_a_resync_does_not_repeat_a_build_whose_event_came_in_the_same_batch(notifying: Notifying) -> None:
    uploads = [notifying.upload(key=f"{number}.zip") for number in range(2)]
    ended, lost = (notifying.breaks(upload) for upload in uploads)
    notifying.trigger([notifying.build_event(ended), *notifying.schedule])

    assert notifying.subscriber.counts == (2, 2)
    assert notifying.notifier_wire.of("BatchGetBuilds") == [{"ids": [ended]}, {"ids": [lost, ended]}]
    assert len(notifying.notifier_wire.of("GetObjectTagging")) == 2


# What was recorded just now


@pytest.mark.parametrize("place", [1, 2], ids=["a parameter change", "the schedule"])
def test_what_is_recorded_is_notified_however_old_its_build_is(notifying: Notifying, place: int) -> None:
    upload = notifying.upload()
    notifying.succeeds(upload, 30 * DAY)
    notifying.trigger(notifying.records[place : place + 1])

    assert [detail["status"] for detail in notifying.subscriber.events] == ["recorded"]
    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))


def test_what_is_recorded_is_notified_though_its_status_can_not_be_written(notifying: Notifying) -> None:
    upload = notifying.upload(tags={f"own-{number}": "value" for number in range(8)})
    notifying.succeeds(upload, 30 * DAY)
    for _ in range(3):
        notifying.resync()

    assert [detail["status"] for detail in notifying.subscriber.events] == ["recorded"]


def test_the_build_of_what_is_recorded_is_found_behind_other_pages(notifying: Notifying) -> None:
    upload, other = notifying.upload(), notifying.upload(key="other.zip")
    notifying.succeeds(upload, 30 * DAY)
    for _ in range(PAGE):
        notifying.ends(other, "FAILED", 29 * DAY)
    notifying.trigger(notifying.records[1:2])

    assert asked(notifying) == [*A_PAGE, 1]
    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))


# The ledger is older than the builds


@pytest.mark.parametrize("moment", ["GetParameterHistory", "ListBuildsForProject"])
def test_a_build_that_ends_after_the_repository_was_read_has_not_failed(notifying: Notifying, moment: str) -> None:
    upload = notifying.upload()
    wire = notifying.wire if moment == "GetParameterHistory" else notifying.notifier_wire
    ends = iter([upload])
    wire.before(moment, lambda: [notifying.succeeds(each) for each in ends])
    notifying.resync()
    assert notifying.subscriber.counts == (0, 0)
    assert notifying.tags(upload) == {}
    notifying.resync()

    assert [detail["status"] for detail in notifying.subscriber.events] == ["recorded"]


def test_an_id_that_codebuild_refuses_costs_only_itself(notifying: Notifying) -> None:
    upload = notifying.upload()
    good = notifying.breaks(upload)
    notifying.project.refuses("nonsense")
    notifying.trigger([notifying.build_event(good), notifying.build_event("nonsense"), *notifying.schedule])

    assert notifying.tags(upload) == upload.status("failed", BROKEN)
    assert notifying.printed.metrics == {"NothingToRecord": 1, "UploadFailed": 1}
