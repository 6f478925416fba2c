"""Why a build failed: the builder's last line in the log, else what the build's status says. Never its context."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.build_log import reason_line
from core.notifying.statuses import clean
from core.reasons import Reason
from tests.functions.support.build_logs import GROUP
from tests.functions.support.notifying import BROKEN, CONTEXT, LINE, Notifying, line_of, reason
from tests.functions.support.project import phases

FORGED = line_of("not-a-zip: forged")


def logged(notifying: Notifying, *messages: str) -> str:
    """The reason of a build that failed with this log."""
    build_id = notifying.ends(notifying.upload(), "FAILED")
    notifying.logs.write(build_id, *messages)
    notifying.build_ended(build_id)
    return reason(notifying)


# In the log


def test_the_builder_s_last_line_is_the_reason_and_is_not_judged_again(
    notifying: Notifying, waits: list[float]
) -> None:
    limit = "ERROR: failed to solve: node:22: failed to resolve source metadata: 429 Too Many Requests"

    assert logged(notifying, FORGED, limit, f"output\n{LINE}\nmore", f"#7 0.3 {FORGED}", CONTEXT) == BROKEN
    assert notifying.subscriber.events[0]["output"] == []
    assert waits == []


def test_a_reason_behind_many_messages_is_found(notifying: Notifying) -> None:
    build_id = notifying.ends(notifying.upload(), "FAILED")
    stream = [{"timestamp": 1, "message": f"{number}\n"} for number in range(199)]
    notifying.notifier_wire.answers("GetLogEvents", {"events": [*stream, {"timestamp": 1, "message": LINE}]})
    notifying.build_ended(build_id)

    assert reason(notifying) == BROKEN
    assert notifying.notifier_wire.of("GetLogEvents") == [
        {"logGroupName": GROUP, "logStreamName": build_id.partition(":")[2], "limit": 1000}
    ]


# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html: "might only be partially
# full, or even empty", while there is more behind the token that it gives.
def test_an_empty_page_is_not_the_log_s_end(notifying: Notifying) -> None:
    pages: Iterator[dict[str, Any]] = iter(
        [
            {"events": [], "nextBackwardToken": "b/1", "nextForwardToken": "f/1"},
            {"events": [{"message": LINE}], "nextBackwardToken": "b/2", "nextForwardToken": "f/2"},
        ]
    )
    end = {"events": [], "nextBackwardToken": "b/2", "nextForwardToken": "f/2"}
    notifying.notifier_wire.answers_one_by_one("GetLogEvents", (next(pages, end) for _ in range(20)))
    notifying.build_ended(notifying.ends(notifying.upload(), "FAILED"))

    assert "b/1" in [asked.get("nextToken") for asked in notifying.notifier_wire.of("GetLogEvents")]
    assert reason(notifying) == BROKEN


def test_a_reason_brings_the_last_lines_of_the_step(notifying: Notifying) -> None:
    told = "build-failed: Dockerfile:2 RUN npm ci ended with exit code 127. /bin/sh: npm: not found"
    code, _, sentence = told.partition(": ")
    upload = notifying.upload()
    build_id = notifying.ends(upload, "FAILED")
    notifying.logs.write(build_id, told, reason_line(Reason(code, sentence, ("/bin/sh: npm: not found",))), CONTEXT)
    notifying.build_ended(build_id)

    assert notifying.tags(upload) == upload.status("failed", told)
    assert reason(notifying) == told
    assert notifying.subscriber.events[0]["output"] == ["/bin/sh: npm: not found"]
    assert notifying.subscriber.mails[0]["Message"].endswith(
        "\nThe last lines of the step:\n  /bin/sh: npm: not found\n"
    )


@pytest.mark.parametrize("kind", ["PRE_BUILD", "POST_BUILD"])
def test_the_builder_gives_the_reason_in_each_of_its_phases(notifying: Notifying, kind: str) -> None:
    ends = phases(("PROVISIONING", "SUCCEEDED"), ("INSTALL", "SUCCEEDED"), (kind, "FAILED"))
    build_id = notifying.ends(notifying.upload(), "FAILED", phases=ends)
    notifying.logs.write(build_id, LINE, CONTEXT)
    notifying.build_ended(build_id)

    assert reason(notifying) == BROKEN


# The status says it

IN_THE_QUEUE = phases(("SUBMITTED", "SUCCEEDED"), ("QUEUED", "TIMED_OUT"))
ENDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "too long": ("TIMED_OUT", {}, "timed-out: The build ran longer than it may."),
    "too long in the queue": (
        "TIMED_OUT",
        {"phases": IN_THE_QUEUE},
        "timed-out: The build waited too long in the queue",
    ),
    "stopped": ("STOPPED", {}, "stopped: Somebody stopped the build."),
}


@pytest.mark.parametrize(("status", "changes", "expected"), ENDS.values(), ids=ENDS)
def test_an_end_that_is_no_command_s_has_a_reason_by_its_status(
    notifying: Notifying, waits: list[float], status: str, changes: dict[str, Any], expected: str
) -> None:
    upload = notifying.upload()
    build_id = notifying.ends(upload, status, **changes)
    notifying.logs.write(build_id, line_of("build-failed: of something before"))
    notifying.build_ended(build_id)

    assert reason(notifying).startswith(expected)
    assert notifying.tags(upload)["build-status"] == "failed"
    assert notifying.tags(upload)["build-reason"].startswith(expected)
    assert "GetLogEvents" not in notifying.notifier_wire.operations
    assert waits == []


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "STOPPED"])
def test_codebuild_s_own_context_is_shown_nowhere(notifying: Notifying, status: str) -> None:
    upload = notifying.upload()
    build_id = notifying.ends(upload, status)
    notifying.logs.write(build_id, LINE, CONTEXT)
    notifying.build_ended(build_id)
    (entry,), (mail,) = notifying.subscriber.entries, notifying.subscriber.mails

    for place in (entry["Detail"], mail["Message"], *notifying.tags(upload).values()):
        assert "COMMAND_EXECUTION_ERROR" not in place
        assert "builder.zip" not in place


# What is in the line

NAUGHTY = {
    "escapes": "\x1b[31mred\x1b[0m",
    "a control character": "ding\x07dong",
    "carriage returns": "one\rtwo\r",
    "separators": "one\u2028status: recorded\u2029two\x85three",
    "unicode": "naïve 日本語 🍕",
    "length": "x" * 10_000,
}


@pytest.mark.parametrize("sentence", NAUGHTY.values(), ids=NAUGHTY)
def test_whatever_a_reason_line_holds_its_code_is_notified_and_no_line_more(
    notifying: Notifying, sentence: str
) -> None:
    upload = notifying.upload()
    notifying.build_ended(notifying.breaks(upload, reason=f"build-failed: {sentence}"))
    (mail,), tags = notifying.subscriber.mails, notifying.tags(upload)

    assert reason(notifying).startswith("build-failed: ")
    assert tags["build-reason"].startswith("build-failed: ")
    assert len(reason(notifying)) < 600
    assert reason(notifying).isprintable()
    assert f"\nreason: {reason(notifying)}\n" in mail["Message"]
    assert len(mail["Message"].splitlines()) == 9
    assert all(clean(value) == value for value in tags.values())
    assert notifying.printed.metrics == {"NothingToRecord": 1, "UploadFailed": 1}
