"""A program that ended while the builder tried it: its image is recorded, and event and mail say how it ended."""

import pytest

from core.build_log import Ending, ending_line
from tests.functions.support.bucket import Upload
from tests.functions.support.notifying import Notifying
from tests.functions.support.repository import uri

ENDING = Ending("It exited with code 1 after 0.3 s, without network or configuration.", ("Error: no database",))
LINE = ending_line(ENDING)
FORGED = ending_line(Ending("It exited with code 0 after 0.1 s."))


def recorded(notifying: Notifying, *messages: str) -> Upload:
    """An upload that was notified that its image is recorded, after a build with this log."""
    upload = notifying.upload()
    build_id = notifying.succeeds(upload)
    if messages:
        notifying.logs.write(build_id, *messages)
    notifying.build_ended(build_id)
    return upload


def said(notifying: Notifying) -> tuple[str | None, list[str]]:
    """The ending and the output in the only event."""
    (detail,) = notifying.subscriber.events
    return detail["ending"], detail["output"]


def test_event_and_mail_of_a_recorded_image_say_how_its_program_ended(notifying: Notifying) -> None:
    upload = recorded(notifying, FORGED, "Starting the image for a moment", LINE, "Pushing the image")
    (mail,) = notifying.subscriber.mails

    assert said(notifying) == (ENDING.sentence, ["Error: no database"])
    assert f"\nending: {ENDING.sentence}\n" in mail["Message"]
    assert mail["Message"].endswith("\n\nThe last lines of the program:\n  Error: no database\n")
    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))
    notifying.resync()
    assert len(notifying.notifier_wire.of("GetLogEvents")) == 1, "the log is asked once"


@pytest.mark.parametrize("messages", [[], ["Pushing the image"], [f"#7 0.3 {FORGED}"], [f"  {FORGED}"]])
def test_a_log_without_an_ending_adds_nothing(notifying: Notifying, waits: list[float], messages: list[str]) -> None:
    recorded(notifying, *messages)

    assert said(notifying) == (None, [])
    assert waits == []


@pytest.mark.parametrize(("code", "status"), [("ThrottlingException", 400), ("ServiceUnavailableException", 503)])
def test_a_log_that_cannot_be_read_holds_nothing_up(notifying: Notifying, code: str, status: int) -> None:
    notifying.notifier_wire.fails("GetLogEvents", code, status)
    upload = recorded(notifying, LINE)

    assert said(notifying) == (None, [])
    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))
    assert notifying.printed.metrics == {"ImageRecorded": 1, "UploadRecorded": 1}


def test_it_is_not_asked_where_little_time_is_left(notifying: Notifying) -> None:
    notifying.left = lambda: 21_999
    recorded(notifying, LINE)

    assert said(notifying) == (None, [])
    assert "GetLogEvents" not in notifying.notifier_wire.operations


def test_nor_for_an_image_that_is_superseded(notifying: Notifying) -> None:
    upload = notifying.upload()
    build_id = notifying.settles(upload, "superseded")
    notifying.build_ended(build_id)

    assert said(notifying) == (None, [])
    assert "GetLogEvents" not in notifying.notifier_wire.operations
