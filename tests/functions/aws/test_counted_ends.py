"""Each upload's end is counted as often as it is an event, and one as recorded with the seconds that it took."""

import pytest

from core.notifying.statuses import FINAL
from tests.functions.support.frozen_clock import SINCE_UPLOAD
from tests.functions.support.lambdas import Printed
from tests.functions.support.notifying import Notifying
from tests.functions.support.starting import Starting


def ends(printed: Printed) -> dict[str, float]:
    """How often each end was counted."""
    names = {f"Upload{status.capitalize()}" for status in FINAL}
    return {name: times for name, times in printed.metrics.items() if name in names}


@pytest.mark.parametrize("status", ["recorded", "failed", "superseded"])
def test_the_end_of_a_build_is_counted_once_and_its_seconds_if_it_was_recorded(
    notifying: Notifying, status: str
) -> None:
    upload = notifying.upload()
    notifying.build_ended(notifying.settles(upload, status))
    notifying.resync()

    (event,) = [event for event in notifying.subscriber.events if event["key"] == upload.key]
    assert (event["status"], event["seconds"]) == (status, SINCE_UPLOAD)
    assert ends(notifying.printed) == {f"Upload{status.capitalize()}": 1}
    assert notifying.printed.seconds == ({"UploadToRecorded": [SINCE_UPLOAD]} if status == "recorded" else {})


def test_an_upload_that_gets_no_build_is_counted_once(starting: Starting) -> None:
    upload = starting.upload(b"no zip")
    starting.take(upload, upload)

    assert [event["status"] for event in starting.subscriber.events] == ["rejected"]
    assert ends(starting.printed) == {"UploadRejected": 1}


def test_an_end_that_rises_is_counted_as_both_like_its_events(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.build_ended(notifying.breaks(upload))
    notifying.build_ended(notifying.succeeds(upload))

    assert [event["status"] for event in notifying.subscriber.events] == ["failed", "recorded"]
    assert ends(notifying.printed) == {"UploadFailed": 1, "UploadRecorded": 1}


def test_an_end_of_which_there_is_no_event_is_not_counted(notifying: Notifying) -> None:
    notifying.notifier_wire.fails("PutEvents", "InternalException", 500)
    notifying.build_ended(notifying.succeeds(notifying.upload()))

    assert ends(notifying.printed) == {}
    assert notifying.printed.seconds == {}


def test_an_end_whose_mail_and_status_fail_is_counted(notifying: Notifying) -> None:
    notifying.notifier_wire.fails("Publish", "InternalError", 500)
    notifying.notifier_wire.fails("PutObjectTagging", "SlowDown", 503)
    notifying.build_ended(notifying.succeeds(notifying.upload()))

    assert ends(notifying.printed) == {"UploadRecorded": 1}
