"""The builder's lines for machines: written lines are read back, and similar lines are not."""

import json
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.build_log import Ending, ending_in, ending_line, foreign, is_for_machines, reason_in, reason_line
from core.reasons import LONGEST, LONGEST_LINE, MOST_LINES, Reason

CODES = st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=8), min_size=1, max_size=4).map("-".join)
# Surrogates as well: Python reads them from JSON's escapes.
TEXTS = st.text(st.characters(codec=None, exclude_categories=()))
OUTPUTS = st.lists(TEXTS, max_size=30).map(tuple)
REASONS = st.builds(Reason, CODES, TEXTS, OUTPUTS)
ENDINGS = st.builds(Ending, TEXTS, OUTPUTS)

FAILED = Reason(
    "build-failed", "Dockerfile:3 RUN make ended with exit code 2.", ("cc -o app", "make: *** [app] Error 2")
)
ENDED = Ending(
    "It exited with code 1 after 0.3 s, without network or configuration.", ("Error: Cannot find module 'express'",)
)
REASON_LINE = (
    'reason: {"code": "build-failed", "sentence": "Dockerfile:3 RUN make ended with exit code 2.", '
    '"output": ["cc -o app", "make: *** [app] Error 2"]}'
)
ENDING_LINE = (
    'ending: {"sentence": "It exited with code 1 after 0.3 s, without network or configuration.", '
    '"output": ["Error: Cannot find module \'express\'"]}'
)
CODEBUILD = (
    "[Container] 2026/11/30 12:00:00 Command did not exit successfully python3 -I builder.zip build exit status 1\n",
    "[Container] 2026/11/30 12:00:00 Phase complete: BUILD State: FAILED\n",
)


def test_a_reason_and_an_ending_are_written_as_one_line_of_json() -> None:
    assert reason_line(FAILED) == REASON_LINE
    assert ending_line(ENDED) == ENDING_LINE


@given(REASONS, ENDINGS)
def test_each_line_is_one_line_of_ascii(reason: Reason, ending: Ending) -> None:
    for line in (reason_line(reason), ending_line(ending)):
        assert line.isascii()
        assert line.isprintable()


@given(REASONS, ENDINGS)
def test_both_are_read_as_they_were_written(reason: Reason, ending: Ending) -> None:
    log = [f"{ending_line(ending)}\n", "Pushing the image\n", f"{reason_line(reason)}\n", *CODEBUILD]

    assert (reason_in(log), ending_in(log)) == (reason, ending)


@given(REASONS | ENDINGS)
def test_reasons_and_endings_are_bounded_and_printable(said: Reason | Ending) -> None:
    assert len(said.sentence) <= LONGEST
    assert len(said.output) <= MOST_LINES
    assert all(len(line) <= LONGEST_LINE for line in said.output)
    assert all(len(text.splitlines()) <= 1 and text.encode() for text in (said.sentence, *said.output) if text)


def test_an_output_that_is_too_long_keeps_its_end() -> None:
    assert Reason("a", "b", tuple(map(str, range(25)))).output == tuple(map(str, range(5, 25)))


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n[Container] Phase complete: BUILD State: FAILED\n"])
def test_a_line_is_found_with_any_line_end(end: str) -> None:
    assert reason_in([f"{REASON_LINE}{end}"]) == FAILED
    assert ending_in([f"{ENDING_LINE}{end}"]) == ENDED
    assert reason_in([f"reason: push-failed: denied{end}"]) == Reason("push-failed", "denied")


def test_the_last_of_several_lines_counts() -> None:
    older, newer = Reason("older", "first"), Reason("newer", "second")

    assert reason_in([f"{reason_line(older)}\n{reason_line(newer)}\n", "output\n"]) == newer
    assert ending_in([ending_line(Ending("first")), ending_line(Ending("second"))]) == Ending("second")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("reason: build-failed: RUN make: exit code: 2", Reason("build-failed", "RUN make: exit code: 2")),  # older
        (
            'reason: {"code": "of-tomorrow", "sentence": "They fail.", "output": []}',
            Reason("of-tomorrow", "They fail."),
        ),
        *((f"reason: {code}: some", None) for code in ("", "A", "a b", "a_b", "ä", "1")),
        *((line, None) for line in ("", "Building for linux/arm64", "reason: ", "reason: x", "ending: x")),
    ],
)
def test_a_line_of_an_older_or_a_later_builder_is_read(line: str, expected: Reason | None) -> None:
    assert reason_in([f"{line}\n"]) == expected
    assert ending_in([f"{line}\n"]) is None


def test_a_later_builder_s_additions_to_a_line_are_ignored() -> None:
    assert reason_in([REASON_LINE.replace('{"code"', '{"phase": "try", "code"')]) == FAILED
    assert ending_in([ENDING_LINE.replace('{"sentence"', '{"exitCode": 1, "sentence"')]) == ENDED


@pytest.mark.parametrize(
    "before", [" ", "  ", "#7 0.1 ", "0.100 ", "[Container] ", "\t", "\r", "\x0b", "\x85", "\u2028", "x", "> ", '"']
)
def test_words_that_do_not_begin_their_line_are_ignored(before: str) -> None:
    for line in (REASON_LINE, ENDING_LINE, "reason: push-failed: denied"):
        assert reason_in([f"Building for linux/arm64\n{before}{line}\n"]) is None
        assert ending_in([f"Building for linux/arm64\n{before}{line}\n"]) is None


@given(st.lists(st.text(st.characters(exclude_characters="\n")) | st.just(REASON_LINE) | st.just(ENDING_LINE)))
def test_no_line_of_a_step_is_read(printed: list[str]) -> None:
    log = [f"#7 {second}.125 {line}\n" for second, line in enumerate(printed)]

    assert reason_in(log) is None
    assert ending_in(log) is None


@given(TEXTS | st.just(REASON_LINE) | st.just(ENDING_LINE) | st.just("reason: push-failed: denied"))
def test_no_foreign_line_is_read(printed: str) -> None:
    log = [f"{foreign(line)}\n" for line in printed.split("\n")]

    assert reason_in(log) is None
    assert ending_in(log) is None


@pytest.mark.parametrize(
    "fact",
    [
        pytest.param("", id="nothing"),
        pytest.param("{", id="cut off"),
        pytest.param('{"code": "a", "sentence": "b", "output": []} c', id="more behind it"),
        pytest.param("[" * 100_000, id="too deep"),
        pytest.param("9" * 10_000, id="a number of many digits"),
        pytest.param("[]", id="a list"),
        pytest.param("null", id="null"),
        pytest.param('"code"', id="a text"),
        pytest.param("{}", id="empty"),
        pytest.param('{"code": "a", "output": []}', id="no sentence"),
        pytest.param('{"code": "a", "sentence": "b"}', id="no output"),
        pytest.param('{"code": "a", "sentence": null, "output": []}', id="no text"),
        pytest.param('{"code": "a", "sentence": "b", "output": "c"}', id="a text for the lines"),
        pytest.param('{"code": "a", "sentence": "b", "output": [1]}', id="a number for a line"),
    ],
)
def test_json_of_another_shape_is_ignored(fact: str) -> None:
    assert reason_in([f"reason: {fact}\n"]) is None
    assert ending_in([f"ending: {fact}\n"]) is None


@pytest.mark.parametrize("code", ["", "A", "a b", "a_b", "ä", "1", "-", "a--b", "a\nb", 1, None])
def test_a_code_consists_of_lowercase_letters_and_hyphens(code: object) -> None:
    assert reason_in([f"reason: {json.dumps({'code': code, 'sentence': 'b', 'output': []})}"]) is None


@given(st.lists(TEXTS))
def test_the_builder_s_last_line_is_found_in_any_log(messages: list[str]) -> None:
    log = [f"{message}\n" for message in messages]

    assert reason_in([*log, REASON_LINE]) == FAILED
    assert ending_in([*log, ENDING_LINE]) == ENDED


@given(CODES, TEXTS.filter(lambda text: "\n" not in text))
def test_any_reason_of_an_older_build_is_one_printable_line(code: str, sentence: str) -> None:
    found = reason_in([f"reason: {code}: x{sentence}\n"])

    assert found
    assert re.fullmatch("[a-z-]+", found.code)
    assert len(found.sentence) <= LONGEST
    assert len(str(found).splitlines()) == 1


def test_lines_for_machines_and_lines_for_people_are_distinguished() -> None:
    assert is_for_machines(REASON_LINE)
    assert is_for_machines(ENDING_LINE)
    assert not is_for_machines("reason: build-failed: RUN make: exit code: 2")
    assert not is_for_machines('reason: {"code": 1}')
    assert not is_for_machines("#7 0.1 " + ENDING_LINE)
    assert not is_for_machines("Pushing the image")
    assert foreign("Reason: it is slow") == "Reason: it is slow"
