"""Why there is no image: the recipe's line among a log's messages, or a sentence for how the build ended."""

import re
import string
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.builds import Build
from core.reasons import Reason, in_log
from tests.unit.support.object_created import upload

VERSION, TAG = upload().version, upload().image_tag
CODES = st.text(string.ascii_lowercase + "-", min_size=1)


def build(status: str, phase: str = "BUILD", *, ran: bool = True) -> Build:
    """A build that ended so."""
    return Build(
        id="jwt-pizza-service:1",
        status=status,
        version=VERSION,
        image_tag=TAG,
        phase=phase,
        ran_commands=ran,
        log=None,
        ended=datetime(2026, 11, 20, tzinfo=UTC),
    )


def test_a_reason_reads_as_a_code_and_a_sentence() -> None:
    assert str(Reason("no-program", "The image starts nothing.")) == "no-program: The image starts nothing."


# In the log


@pytest.mark.parametrize(
    "messages", [[], [""], ["\n"], ["Building for linux/arm64\n"], ["reason: \n"], ["reason: x\n"]]
)
def test_a_log_without_a_reason_line_has_no_reason(messages: list[str]) -> None:
    assert in_log(messages) is None


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n[Container] Phase complete: BUILD State: FAILED\n"])
def test_a_reason_line_is_found_however_it_ends(end: str) -> None:
    assert str(in_log([f"reason: push-failed: denied{end}"])) == "push-failed: denied"


def test_of_several_reason_lines_the_last_counts() -> None:
    lines = ["reason: a: first\nreason: b: second\n", "reason: c: third\n", "output\n"]

    assert in_log(lines) == Reason("c", "third")


@pytest.mark.parametrize("before", [" ", "#7 0.1 ", "[Container] ", "\t", "\r", "\u2028", "x"])
def test_a_reason_that_does_not_begin_a_line_is_none(before: str) -> None:
    assert in_log([f"{before}reason: push-failed: denied"]) is None


@pytest.mark.parametrize("code", ["", "A", "a b", "a_b", "ä", "1"])
def test_a_code_is_made_of_small_letters_and_hyphens(code: str) -> None:
    assert in_log([f"reason: {code}: some"]) is None


def test_a_colon_in_a_reason_s_sentence_ends_nothing() -> None:
    assert in_log(["reason: build-failed: RUN make: exit code: 2"]) == Reason("build-failed", "RUN make: exit code: 2")


def test_control_characters_of_a_reason_are_spaces() -> None:
    found = in_log(["reason: a: one\x1b[31m\x00\x07two\x85\u2028\u2029three\x7f"])

    assert str(found) == "a: one [31m two three"


def test_characters_of_a_reason_that_turn_text_around_or_take_no_width_are_spaces() -> None:
    found = in_log(["reason: a: one\u202etwo\u200bthree\u2066four\ufefffive"])

    assert str(found) == "a: one two three four five"


def test_a_reason_s_long_sentence_is_cut() -> None:
    found = str(in_log(["reason: a: " + "x" * 10_000]))

    assert found.startswith("a: " + "x" * 300)
    assert found.endswith("x ... " + "x" * 100)
    assert len(found) < 600


@given(st.lists(st.text()), CODES, st.text(min_size=1))
def test_whatever_a_log_holds_a_reason_is_one_printable_line(messages: list[str], code: str, sentence: str) -> None:
    found = in_log([*messages, f"reason: {code}: x{sentence}\n"])

    assert found
    assert re.fullmatch("[a-z-]+", found.code)
    assert len(found.sentence) <= 500
    assert len(str(found).splitlines()) == 1
    assert len(f"reason: {found}\n".splitlines()) == 1


# Without the log


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        (build("FAILED"), "build-failed: The phase BUILD failed and the log does not say why."),
        (build("TIMED_OUT"), "timed-out: The build ran longer than it may."),
        (build("TIMED_OUT", "QUEUED", ran=False), "timed-out: The build waited too long in the queue of CodeBuild."),
        (build("STOPPED"), "stopped: Somebody stopped the build."),
        (build("STOPPED", "QUEUED", ran=False), "stopped: Somebody stopped the build."),
        (build("FAULT"), "build-system-fault: CodeBuild ended the build as FAULT in its phase BUILD."),
        (
            build("FAULT", "QUEUED", ran=False),
            "build-system-fault: CodeBuild ended the build as FAULT in its phase QUEUED",
        ),
        (
            build("FAILED", "PROVISIONING", ran=False),
            "build-system-fault: CodeBuild ended the build as FAILED in its phase PROVISIONING.",
        ),
    ],
)
def test_each_end_of_a_build_has_its_code_and_says_what_to_do(ended: Build, expected: str) -> None:
    found = str(ended.reason)

    assert found.startswith(expected)
    assert re.search(r"\. (Upload|Make|Ask) [^.]+\.$", found)
