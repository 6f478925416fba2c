"""The builder's last line isn't in the log yet: it is waited for, until a silent log is believed."""

from datetime import timedelta

import pytest

from tests.functions.support.bucket import Upload
from tests.functions.support.build_logs import GROUP
from tests.functions.support.notifying import BROKEN, CONTEXT, JUST_NOW, LINE, Notifying, reason

LATE = timedelta(minutes=5)
SILENT = "build-failed: The phase BUILD failed and the log does not say why."


@pytest.mark.parametrize("written", [[], ["Building for linux/arm64"]], ids=["no log", "no line"])
def test_a_reason_line_that_comes_late_is_waited_for(
    notifying: Notifying, waits: list[float], written: list[str]
) -> None:
    build_id = notifying.ends(notifying.upload(), "FAILED")
    if written:
        notifying.logs.write(build_id, *written)

    def write_on_the_third_look() -> None:
        if len(notifying.notifier_wire.of("GetLogEvents")) == 3:
            notifying.logs.write(build_id, LINE)

    notifying.notifier_wire.before("GetLogEvents", write_on_the_third_look)
    notifying.build_ended(build_id)

    assert reason(notifying) == BROKEN
    assert sum(waits) == 2


SILENCE = pytest.mark.parametrize("messages", [[], ["Building for linux/arm64", CONTEXT]], ids=["no log", "no line"])


def silent(notifying: Notifying, messages: list[str], ago: timedelta = JUST_NOW) -> tuple[Upload, str]:
    """An upload and its build, which failed so long ago without a reason in its log."""
    upload = notifying.upload()
    build_id = notifying.ends(upload, "FAILED", ago)
    if messages:
        notifying.logs.write(build_id, *messages)
    return upload, build_id


@SILENCE
def test_a_reason_line_that_does_not_come_is_waited_for_five_seconds_and_then_the_upload_waits(
    notifying: Notifying, waits: list[float], messages: list[str]
) -> None:
    upload, build_id = silent(notifying, messages)
    notifying.build_ended(build_id)

    assert sum(waits) == 5
    assert len(notifying.notifier_wire.of("GetLogEvents")) == 6
    assert notifying.subscriber.counts == (0, 0)
    assert notifying.tags(upload) == upload.status(
        "waiting", "log-late: The build has failed. Its log does not say why yet."
    )
    assert notifying.printed.metrics == {"NothingToRecord": 1}


def test_a_log_that_comes_after_a_minute_gives_the_reason_to_the_next_resync(notifying: Notifying) -> None:
    upload, build_id = silent(notifying, [], timedelta(minutes=1))
    notifying.build_ended(build_id)
    notifying.logs.write(build_id, LINE)
    notifying.resync()

    assert reason(notifying) == BROKEN
    assert notifying.tags(upload) == upload.status("failed", BROKEN)


@SILENCE
def test_five_minutes_after_the_end_a_silent_log_is_believed(
    notifying: Notifying, waits: list[float], messages: list[str]
) -> None:
    silent(notifying, messages, LATE)
    notifying.resync()

    assert reason(notifying).startswith(SILENT)
    assert waits == []


def test_a_log_for_which_no_time_is_left_is_no_silent_log(notifying: Notifying) -> None:
    left = [15_000]
    notifying.left = lambda: left[-1]
    notifying.notifier_wire.before("BatchGetImage", lambda: left.append(8_999))
    upload, build_id = silent(notifying, [], LATE)
    notifying.build_ended(build_id)

    assert notifying.subscriber.counts == (0, 0)
    assert notifying.tags(upload) == {}
    assert notifying.printed.metrics == {"NothingToRecord": 1, "NotificationSkipped": 1}


def test_a_build_that_names_no_log_has_no_log_read(notifying: Notifying) -> None:
    notifying.build_ended(notifying.ends(notifying.upload(), "FAILED", logs={"groupName": GROUP}))

    assert reason(notifying).startswith(SILENT)
    assert "GetLogEvents" not in notifying.notifier_wire.operations
