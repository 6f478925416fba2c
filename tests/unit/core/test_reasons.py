"""Why there is no image, if only the build's status shows how it ended."""

import re

import pytest

from core.builds import Build
from core.reasons import Reason, shortened
from tests.unit.support.built import built


def test_a_reason_reads_as_a_code_and_a_sentence() -> None:
    assert str(Reason("no-program", "The image starts nothing.")) == "no-program: The image starts nothing."


@pytest.mark.parametrize("most", [60, 200, 900])
def test_a_long_text_loses_its_middle_and_keeps_more_of_its_start(most: int) -> None:
    text = "s" * 800 + "e" * 800
    short = shortened(text, most)
    assert len(short) == most
    assert 0 < short.count("e") < short.count("s")
    assert shortened(text[:most], most) == text[:most]


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        (built("FAILED"), "build-failed: The phase BUILD failed and the log does not say why."),
        (built("TIMED_OUT"), "timed-out: The build ran longer than it may."),
        (
            built("TIMED_OUT", "QUEUED", ran_builder=False),
            "timed-out: The build waited too long in the queue of CodeBuild.",
        ),
        (built("STOPPED"), "stopped: Somebody stopped the build."),
        (built("STOPPED", "QUEUED", ran_builder=False), "stopped: Somebody stopped the build."),
        (built("FAULT"), "build-system-fault: CodeBuild ended the build as FAULT in its phase BUILD."),
        (
            built("FAULT", "QUEUED", ran_builder=False),
            "build-system-fault: CodeBuild ended the build as FAULT in its phase QUEUED",
        ),
        (
            built("FAILED", "PROVISIONING", ran_builder=False),
            "build-system-fault: CodeBuild ended the build as FAILED in its phase PROVISIONING.",
        ),
        (
            built("FAILED", "PRE_BUILD"),
            "build-system-fault: The builder of this stack could not be fetched or started.",
        ),
        (built("FAILED", "POST_BUILD"), "build-failed: The phase POST_BUILD failed and the log does not say why."),
        (
            built("FAILED", "INSTALL", ran_builder=False),
            "build-system-fault: The builder of this stack could not be fetched or started.",
        ),
        (
            built("TIMED_OUT", "INSTALL", ran_builder=False),
            "build-system-fault: The builder of this stack could not be fetched or started.",
        ),
    ],
)
def test_each_end_of_a_build_has_its_code_and_says_what_to_do(ended: Build, expected: str) -> None:
    found = str(ended.reason)

    assert found.startswith(expected)
    assert re.search(r"\. (Upload|Make|Ask) [^.]+\.$", found)
