"""The sweep: on the schedule, the project's own list makes up for every bell that never rang."""

from datetime import timedelta

import pytest

from tests.handlers.support.notifying import BROKEN, Tellings
from tests.handlers.support.project import PAGE, PROJECT
from tests.handlers.support.registry import uri

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)


def asked(telling: Tellings) -> list[int]:
    """How many builds were asked for at once, each time."""
    return [len(made["ids"]) for made in telling.telling.of("BatchGetBuilds")]


def test_an_end_whose_bell_was_lost_is_told(telling: Tellings) -> None:
    broken, built = telling.upload(key="broken.zip"), telling.upload(key="built.zip")
    telling.breaks(broken, HOUR)
    telling.succeeds(built, HOUR)
    telling.sweep()

    assert telling.tags(broken) == broken.status("failed", BROKEN)
    assert telling.tags(built) == built.recorded(uri(built.tag))
    assert telling.audience.heard == (2, 2)


def test_the_list_is_asked_for_without_an_order(telling: Tellings) -> None:
    telling.breaks(telling.upload())
    telling.sweep()

    assert telling.telling.of("ListBuildsForProject") == [{"projectName": PROJECT}]


def test_a_project_without_builds_is_swept(telling: Tellings) -> None:
    telling.sweep()

    assert telling.telling.operations == ["ListBuildsForProject"]
    assert telling.printed.metrics == {"NothingToRecord": 1}


@pytest.mark.parametrize("bells", [0, 1], ids=["a build's bell", "a parameter's bell"])
def test_no_other_bell_sweeps(telling: Tellings, bells: int) -> None:
    telling.breaks(telling.upload())
    telling.ring(telling.others[bells : bells + 1])

    assert "ListBuildsForProject" not in telling.telling.operations
    assert telling.audience.heard == (0, 0)


def test_the_newest_is_told_first(telling: Tellings) -> None:
    for number in range(3):
        telling.breaks(telling.upload(key=f"{number}.zip"), (3 - number) * HOUR)
    telling.sweep()

    assert [told["key"] for told in telling.audience.events] == ["2.zip", "1.zip", "0.zip"]


# How far


def test_an_end_of_less_than_a_day_is_told(telling: Tellings) -> None:
    telling.breaks(telling.upload(), DAY - SECOND)
    telling.sweep()

    assert telling.audience.heard == (1, 1)


def test_an_older_one_is_not(telling: Tellings) -> None:
    telling.breaks(telling.upload(), DAY)
    telling.sweep()

    assert telling.audience.heard == (0, 0)


def test_a_bell_tells_of_an_older_one(telling: Tellings) -> None:
    upload = telling.upload()
    telling.hear(telling.breaks(upload, 2 * DAY))

    assert telling.tags(upload) == upload.status("failed", BROKEN)


def test_it_goes_on_past_a_page_of_builds_that_run(telling: Tellings) -> None:
    lost, running = telling.upload(key="lost.zip"), telling.upload(key="running.zip")
    telling.breaks(lost, HOUR)
    for _ in range(PAGE + 1):
        telling.runs(running)
    telling.sweep()

    assert asked(telling) == [PAGE, 2]
    assert telling.tags(lost) == lost.status("failed", BROKEN)
    assert telling.tags(running) == {}


def test_it_goes_on_past_a_page_of_builds_that_are_old_or_run(telling: Tellings) -> None:
    lost, other = telling.upload(key="lost.zip"), telling.upload(key="other.zip")
    telling.breaks(lost, HOUR)
    for _ in range(PAGE - 1):
        telling.ends(other, "FAILED", 2 * DAY)
    telling.runs(other)
    telling.sweep()

    assert asked(telling) == [PAGE, 1]
    assert telling.tags(lost) == lost.status("failed", BROKEN)


def test_it_ends_at_a_page_of_builds_that_are_all_older_than_a_day(telling: Tellings) -> None:
    old = telling.upload()
    for _ in range(2 * PAGE):
        telling.ends(old, "FAILED", 2 * DAY)
    telling.sweep()

    assert asked(telling) == [PAGE]
    assert len(telling.telling.of("ListBuildsForProject")) == 1


def test_a_recent_end_behind_many_old_ones_of_its_page_is_told(telling: Tellings) -> None:
    lost, old = telling.upload(key="lost.zip"), telling.upload(key="old.zip")
    telling.breaks(lost, HOUR)  # it ran long: those that were started after it have ended before
    for _ in range(PAGE - 1):
        telling.ends(old, "FAILED", 2 * DAY)
    telling.sweep()

    assert telling.tags(lost) == lost.status("failed", BROKEN)


def test_one_recent_end_in_a_page_has_the_next_gone_through(telling: Tellings) -> None:
    first, last, old = (telling.upload(key=f"{name}.zip") for name in ("first", "last", "old"))
    telling.breaks(first, HOUR)
    for _ in range(PAGE - 1):
        telling.ends(old, "FAILED", 2 * DAY)
    telling.breaks(last, HOUR)
    telling.sweep()

    assert asked(telling) == [PAGE, 1]
    assert [told["key"] for told in telling.audience.events] == ["last.zip", "first.zip"]


def test_more_than_a_page_of_recent_builds_is_gone_through(telling: Tellings) -> None:
    first, busy = telling.upload(key="first.zip"), telling.upload(key="busy.zip")
    telling.breaks(first, 2 * HOUR)
    telling.bucket.tag(busy, busy.status("recorded", "told before"))
    for _ in range(PAGE):
        telling.ends(busy, "FAILED", HOUR)
    telling.sweep()

    assert asked(telling) == [PAGE, 1]
    assert telling.tags(first) == first.status("failed", BROKEN)


def test_a_build_that_rang_is_not_gone_through_again(telling: Tellings) -> None:
    uploads = [telling.upload(key=f"{number}.zip") for number in range(2)]
    rang, lost = (telling.breaks(upload) for upload in uploads)
    telling.ring([telling.bell(rang), *telling.schedule])

    assert telling.audience.heard == (2, 2)
    assert telling.telling.of("BatchGetBuilds") == [{"ids": [rang]}, {"ids": [lost, rang]}]
    assert len(telling.telling.of("GetObjectTagging")) == 2
