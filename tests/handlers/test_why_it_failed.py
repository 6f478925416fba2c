"""Why a build failed: the recipe's last line in the log, else what the build's status says. Never its context."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.handlers.support.bucket import Upload
from tests.handlers.support.logs import GROUP
from tests.handlers.support.notifying import BROKEN, CONTEXT, Tellings
from tests.handlers.support.project import phases

LINE = f"reason: {BROKEN}"
SILENT = "build-failed: The phase BUILD failed and the log does not say why."


def reason(telling: Tellings) -> str:
    """What was told of the only upload."""
    (told,) = telling.audience.events
    found: str = told["reason"]
    return found


def logged(telling: Tellings, *messages: str) -> str:
    """What is told of a build that failed with this log."""
    build_id = telling.ends(telling.upload(), "FAILED")
    telling.logs.write(build_id, *messages)
    telling.hear(build_id)
    return reason(telling)


# In the log


def test_the_recipe_s_line_is_the_reason(telling: Tellings, waits: list[float]) -> None:
    assert logged(telling, "Building for linux/arm64", LINE, CONTEXT) == BROKEN
    assert waits == []


def test_of_several_the_last_counts(telling: Tellings) -> None:
    assert logged(telling, "reason: not-a-zip: forged", "reason: push-failed: early", LINE, CONTEXT) == BROKEN


def test_several_lines_in_one_message_are_lines(telling: Tellings) -> None:
    assert logged(telling, f"reason: not-a-zip: forged\nsome output\n{LINE}\nmore output") == BROKEN


@pytest.mark.parametrize(
    "other",
    [
        "#7 0.3 reason: not-a-zip: printed by a build step",
        " reason: not-a-zip: indented",
        "Reason: not-a-zip: capital",
        "reason: Not-A-Zip: no code",
        "reason: without a code",
        "output\rreason: not-a-zip: behind a carriage return",
    ],
)
def test_what_only_looks_like_it_is_none(telling: Tellings, other: str) -> None:
    assert logged(telling, LINE, other) == BROKEN


def test_the_last_100_messages_are_asked_for(telling: Tellings) -> None:
    build_id = telling.breaks(telling.upload())
    telling.hear(build_id)

    assert telling.telling.of("GetLogEvents") == [
        {"logGroupName": GROUP, "logStreamName": build_id.partition(":")[2], "limit": 100}
    ]


def test_a_reason_behind_a_hundred_messages_is_found(telling: Tellings) -> None:
    build_id = telling.ends(telling.upload(), "FAILED")
    stream = [{"timestamp": 1, "message": f"{number}\n"} for number in range(99)]
    telling.telling.answers("GetLogEvents", {"events": [*stream, {"timestamp": 1, "message": LINE}]})
    telling.hear(build_id)

    assert reason(telling) == BROKEN


# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html: "might only be partially
# full, or even empty", while there is more behind the token that it gives.
def test_an_empty_page_is_not_the_log_s_end(telling: Tellings) -> None:
    pages: Iterator[dict[str, Any]] = iter(
        [
            {"events": [], "nextBackwardToken": "b/1", "nextForwardToken": "f/1"},
            {"events": [{"message": LINE}], "nextBackwardToken": "b/2", "nextForwardToken": "f/2"},
        ]
    )
    end = {"events": [], "nextBackwardToken": "b/2", "nextForwardToken": "f/2"}
    telling.telling.answers_one_by_one("GetLogEvents", (next(pages, end) for _ in range(20)))
    telling.hear(telling.ends(telling.upload(), "FAILED"))

    assert "b/1" in [asked.get("nextToken") for asked in telling.telling.of("GetLogEvents")]
    assert reason(telling) == BROKEN


# Not yet in the log


def test_a_line_that_comes_late_is_waited_for(telling: Tellings, waits: list[float]) -> None:
    build_id = telling.ends(telling.upload(), "FAILED")
    telling.logs.write(build_id, "Building for linux/arm64")

    def write_on_the_third_look() -> None:
        if len(telling.telling.of("GetLogEvents")) == 3:
            telling.logs.write(build_id, LINE)

    telling.telling.before("GetLogEvents", write_on_the_third_look)
    telling.hear(build_id)

    assert reason(telling) == BROKEN
    assert sum(waits) == 2


def test_so_is_a_log_that_comes_late(telling: Tellings, waits: list[float]) -> None:
    build_id = telling.ends(telling.upload(), "FAILED")

    def write_after_a_wait() -> None:
        if waits:
            telling.logs.write(build_id, LINE)

    telling.telling.before("GetLogEvents", write_after_a_wait)
    telling.hear(build_id)

    assert reason(telling) == BROKEN


@pytest.mark.parametrize("messages", [[], ["Building for linux/arm64", CONTEXT]], ids=["no log", "no line"])
def test_one_that_never_comes_is_waited_for_five_seconds(
    telling: Tellings, waits: list[float], messages: list[str]
) -> None:
    build_id = telling.ends(telling.upload(), "FAILED")
    if messages:
        telling.logs.write(build_id, *messages)
    telling.hear(build_id)

    assert reason(telling).startswith(SILENT)
    assert sum(waits) == 5
    assert len(telling.telling.of("GetLogEvents")) == 6
    assert telling.printed.metrics == {"NothingToRecord": 1}


def test_a_build_that_names_no_log_has_none(telling: Tellings) -> None:
    telling.hear(telling.ends(telling.upload(), "FAILED", logs={"groupName": GROUP}))

    assert reason(telling).startswith(SILENT)
    assert "GetLogEvents" not in telling.telling.operations


# The status says it

BEFORE = ("SUBMITTED", "SUCCEEDED"), ("QUEUED", "SUCCEEDED"), ("PROVISIONING", "SUCCEEDED")
IN_THE_QUEUE = phases(("SUBMITTED", "SUCCEEDED"), ("QUEUED", "TIMED_OUT"))
UNPROVISIONED = phases(*BEFORE[:2], ("PROVISIONING", "CLIENT_ERROR"))
ENDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "too long": ("TIMED_OUT", {}, "timed-out: The build ran longer than it may."),
    "too long in the queue": (
        "TIMED_OUT",
        {"phases": IN_THE_QUEUE},
        "timed-out: The build waited too long in the queue",
    ),
    "stopped": ("STOPPED", {}, "stopped: Somebody stopped the build."),
    "a fault": ("FAULT", {}, "build-system-fault: CodeBuild ended the build as FAULT in its phase BUILD."),
    "before any command": (
        "FAILED",
        {"phases": UNPROVISIONED},
        "build-system-fault: CodeBuild ended the build as FAILED in its phase PROVISIONING.",
    ),
}


@pytest.mark.parametrize(("status", "changes", "told"), ENDS.values(), ids=ENDS)
def test_an_end_that_is_no_command_s_is_told_by_its_status(
    telling: Tellings, waits: list[float], status: str, changes: dict[str, Any], told: str
) -> None:
    upload = telling.upload()
    build_id = telling.ends(upload, status, **changes)
    telling.logs.write(build_id, "reason: build-failed: of something before")
    telling.hear(build_id)

    assert reason(telling).startswith(told)
    assert telling.tags(upload)["build-status"] == "failed"
    assert telling.tags(upload)["build-reason"].startswith(told)
    assert "GetLogEvents" not in telling.telling.operations
    assert waits == []


@pytest.mark.parametrize("status", ["FAILED", "FAULT", "TIMED_OUT", "STOPPED"])
def test_codebuild_s_own_context_is_shown_nowhere(telling: Tellings, status: str) -> None:
    upload = telling.upload()
    build_id = telling.ends(upload, status)
    telling.logs.write(build_id, CONTEXT)
    telling.hear(build_id)
    (entry,), (mail,) = telling.audience.entries, telling.audience.mails

    for place in (entry["Detail"], mail["Message"], *telling.tags(upload).values()):
        assert "COMMAND_EXECUTION_ERROR" not in place
        assert "reason.txt" not in place


# What is in the line

NAUGHTY = {
    "escapes": "\x1b[31mred\x1b[0m",
    "a bell": "ding\x07dong",
    "carriage returns": "one\rtwo\r",
    "separators": "one\u2028status: recorded\u2029two\x85three",
    "unicode": "naïve 日本語 🍕",
    "length": "x" * 10_000,
}


def naughty(telling: Tellings, sentence: str) -> Upload:
    """An upload whose build failed with this sentence, told."""
    upload = telling.upload()
    telling.hear(telling.breaks(upload, reason=f"build-failed: {sentence}"))
    return upload


@pytest.mark.parametrize("sentence", NAUGHTY.values(), ids=NAUGHTY)
def test_whatever_is_in_the_line_its_code_is_told(telling: Tellings, sentence: str) -> None:
    upload = naughty(telling, sentence)

    assert reason(telling).startswith("build-failed: ")
    assert telling.tags(upload)["build-reason"].startswith("build-failed: ")
    assert telling.printed.metrics == {"NothingToRecord": 1}


@pytest.mark.parametrize("sentence", NAUGHTY.values(), ids=NAUGHTY)
def test_it_makes_no_line_and_no_flood(telling: Tellings, sentence: str) -> None:
    naughty(telling, sentence)
    (mail,) = telling.audience.mails

    assert len(reason(telling)) < 600
    assert len([line for line in mail["Message"].splitlines() if line.startswith("status: ")]) == 1
    assert len(mail["Message"].splitlines()) == 9
    assert all(character.isprintable() for character in reason(telling))


def test_unicode_reaches_events_and_mails(telling: Tellings) -> None:
    naughty(telling, NAUGHTY["unicode"])

    assert reason(telling) == f"build-failed: {NAUGHTY['unicode']}"
    assert NAUGHTY["unicode"] in telling.audience.mails[0]["Message"]


@pytest.mark.parametrize("sentence", NAUGHTY.values(), ids=NAUGHTY)
def test_tags_keep_to_what_s3_takes(telling: Tellings, sentence: str) -> None:
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 +-=._:/@")
    tags = telling.tags(naughty(telling, sentence))

    assert all(set(value) <= allowed and len(value) <= 256 and "  " not in value for value in tags.values())
