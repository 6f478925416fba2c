"""A walk through the times of the policy: what happens a second before each of them, and then."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from core import notices
from tests.handlers.support.bucket import Upload
from tests.handlers.support.notifying import BROKEN, Notifying
from tests.support.stack import Stack

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
FAULT = "push-failed: denied: not authorized to push"
RAN, QUEUED = timedelta(seconds=43), SECOND
"""How long the builds here run, and how long they are queued before."""
FULL = {f"own-{number}": "value" for number in range(8)}
"""Tags that leave no room for a status."""


def what_happens(notifying: Notifying, upload: Upload) -> str:
    """What a resync does with an upload whose build has failed."""
    notifying.resync()
    if notifying.built_again:
        return "built again"
    told = [detail for detail in notifying.subscriber.events if detail["key"] == upload.key]
    return f"notified as {told[0]['status']}" if told else "not notified"


def silent(notifying: Notifying, ago: timedelta) -> str:
    """A build that ended so long ago, whose log gives no reason."""
    upload = notifying.upload()
    notifying.ends(upload, "FAILED", ago)
    return what_happens(notifying, upload)


def unwritable(notifying: Notifying, ago: timedelta) -> str:
    """A build that ended so long ago, whose upload takes no status."""
    upload = notifying.upload(tags=FULL)
    notifying.breaks(upload, ago)
    return what_happens(notifying, upload)


def second_of_two(notifying: Notifying, ago: timedelta) -> str:
    """A build that ended so long ago, and another upload's, submitted later, that ended before it."""
    late, early = notifying.upload(key="late.zip"), notifying.upload(key="early.zip")
    notifying.breaks(late, ago)
    notifying.breaks(early, DAY)
    notifying.resync()
    return "first" if notifying.subscriber.events[0]["key"] == late.key else "in its turn"


def old(notifying: Notifying, ago: timedelta) -> str:
    """A build that ended so long ago."""
    upload = notifying.upload()
    notifying.breaks(upload, ago)
    return what_happens(notifying, upload)


def faulty(notifying: Notifying, ago: timedelta) -> str:
    """A build that failed just now through nobody's fault, as the first did, which began to run so long ago."""
    upload = notifying.upload()
    notifying.breaks(upload, ago - RAN, FAULT, queued=2 * HOUR)
    notifying.breaks(upload, reason=FAULT, queued=-QUEUED)
    return what_happens(notifying, upload)


def long_queued(notifying: Notifying, ago: timedelta) -> str:
    """The same, where the first was submitted so long ago and all of them were queued nearly all the time."""
    upload = notifying.upload()
    first, second = 8 * HOUR, 7 * HOUR
    notifying.breaks(upload, ago - first - RAN - QUEUED, FAULT, queued=first)
    notifying.breaks(upload, ago - first - second - HOUR, FAULT, queued=second)
    notifying.breaks(upload, reason=FAULT, queued=ago - first - second - 2 * HOUR)
    return what_happens(notifying, upload)


def long_forgotten(notifying: Notifying, ago: timedelta) -> str:
    """A build that failed just now through nobody's fault, as another did that was submitted so long ago."""
    upload = notifying.upload()
    notifying.breaks(upload, ago - RAN - QUEUED, FAULT)
    notifying.breaks(upload, reason=FAULT)
    return what_happens(notifying, upload)


WALK: dict[str, tuple[Callable[[Notifying, timedelta], str], str, str]] = {
    "LOG_IS_LATE": (silent, "not notified", "notified as failed"),
    "FRESH": (unwritable, "notified as failed", "not notified"),
    "RECENT": (second_of_two, "first", "in its turn"),
    "LOOK_BACK": (old, "notified as failed", "not notified"),
    "BUILT_AGAIN_FOR": (faulty, "built again", "notified as failed"),
    "BUILT_AGAIN_AT_MOST": (long_queued, "built again", "notified as failed"),
    "SAME_STORY": (long_forgotten, "notified as failed", "built again"),
}


@pytest.mark.parametrize("name", WALK)
def test_each_time_of_the_policy_is_kept_to_the_second(notifying: Notifying, name: str) -> None:
    happens, before, _ = WALK[name]

    assert happens(notifying, getattr(notices, name) - SECOND) == before


@pytest.mark.parametrize("name", WALK)
def test_from_each_time_of_the_policy_on_something_else_happens(notifying: Notifying, name: str) -> None:
    happens, _, then = WALK[name]

    assert happens(notifying, getattr(notices, name)) == then


def test_the_walk_comes_by_every_time(stack: Stack) -> None:
    times = {name for name, value in vars(notices).items() if isinstance(value, timedelta)}

    assert times == {*WALK, "SCHEDULE"}
    assert (
        stack.properties("Schedule")["ScheduleExpression"]
        == f"rate({notices.SCHEDULE // timedelta(minutes=1)} minutes)"
    )


def test_a_reason_that_comes_in_time_is_the_uploads(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.breaks(upload, notices.LOG_IS_LATE - SECOND)
    notifying.resync()

    assert notifying.tags(upload) == upload.status("failed", BROKEN)
