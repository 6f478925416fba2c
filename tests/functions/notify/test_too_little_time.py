"""The invocation ends before everybody is notified: the next resync notifies the others."""

from datetime import timedelta

import pytest

from tests.functions.support.notifying import Notifying

HOUR = timedelta(hours=1)


def test_with_15_seconds_left_one_more_upload_is_notified_and_the_next_resync_notifies_the_others(
    notifying: Notifying,
) -> None:
    uploads = [notifying.upload(key=f"{number}.zip") for number in range(3)]
    notifying.ends_after_one_upload()
    notifying.build_ended(*(notifying.breaks(upload) for upload in uploads))

    assert notifying.subscriber.counts == (1, 1)
    assert len(notifying.printed.entries("No time is left: the next resync goes on")) == 1
    assert notifying.printed.metrics == {"NothingToRecord": 1, "NotificationSkipped": 1, "UploadFailed": 1}
    notifying.left = lambda: 29_000
    notifying.resync()
    assert notifying.subscriber.counts == (3, 3)
    assert {notifying.tags(upload)["build-status"] for upload in uploads} == {"failed"}


def test_with_less_than_15_seconds_left_no_notification_is_begun(notifying: Notifying) -> None:
    notifying.left = lambda: 14_999
    notifying.breaks(notifying.upload())
    notifying.resync()

    assert notifying.notifier_wire.operations == []
    assert notifying.printed.metrics == {"NothingToRecord": 1, "NotificationSkipped": 1}


@pytest.mark.parametrize("seconds", [1, 2, 3, 4])
def test_whatever_its_requests_take_notifying_keeps_inside_the_invocation(notifying: Notifying, seconds: int) -> None:
    clock = [15_000]
    upload = notifying.upload()
    for operation in ("GetObjectTagging", "BatchGetImage", "GetLogEvents", "PutEvents", "Publish", "PutObjectTagging"):
        notifying.notifier_wire.before(operation, lambda: clock.append(clock[-1] - 1000 * seconds))
    notifying.left = lambda: clock[-1]
    notifying.build_ended(notifying.breaks(upload))

    assert clock[-1] > 0
    assert notifying.subscriber.counts in {(0, 0), (1, 1)}
    assert (notifying.tags(upload) == {}) == (notifying.subscriber.counts == (0, 0))


def test_a_resync_that_gets_through_a_part_asks_nobody_s_attention(notifying: Notifying) -> None:
    for number in range(3):
        notifying.breaks(notifying.upload(key=f"{number}.zip"), HOUR)
    notifying.ends_after_one_upload()
    notifying.resync()

    assert notifying.subscriber.counts == (1, 1)
    assert notifying.printed.metrics == {"NothingToRecord": 1, "UploadFailed": 1}
