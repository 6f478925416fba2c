"""Why `docker build` failed, from real outputs: the step, how it ended, what it printed, and whose fault it is."""

import re

import pytest

from core.build_output.build_failures import ends_so_with_any_cache
from core.notifying.statuses import clean
from core.reasons import FAULTS
from tests.unit.core.build_output.support.outputs import OUTPUTS, failed, found, said
from tests.unit.core.build_output.support.reasons import BLAMELESS, REASONS, WHOLE


def test_every_output_is_of_a_failure_that_is_known() -> None:
    assert OUTPUTS.keys() == REASONS.keys()


@pytest.mark.parametrize("name", REASONS)
def test_a_failure_has_its_reason_and_a_tag_its_last_words(name: str) -> None:
    reason = str(found(name))
    tag = clean(reason)

    assert reason.startswith(REASONS[name])
    assert name not in WHOLE or reason == REASONS[name], "of a step only its place, its end and its words are said"
    assert len(tag) <= 256
    assert tag.endswith(clean(reason[-40:]))
    assert (found(name).code in FAULTS) == name.startswith(BLAMELESS), "what is nobody's fault is built again"


@pytest.mark.parametrize("text", ["", "\n", "#7 0.1 ERROR: printed by a step", "Building\n ERROR: indented"])
def test_without_docker_s_own_last_line_the_build_failed_without_a_message(text: str) -> None:
    assert str(said(text)) == "build-failed: docker build failed without a message."


# What the step printed


PRINTED: dict[str, tuple[str, ...]] = {
    "run-long": (
        *(f"step {number} of 200" for number in range(182, 201)),
        "ModuleNotFoundError: No module named flask",
    ),
    "two-fail": ("from b",),  # the one that ended the build
    "cr-output": ("progress 2", "red error: bad", "no line end"),  # as a terminal would show it
    **dict.fromkeys(["copy-missing", "unknown-instruction", "engine-down", "run-silent"], ()),
}


@pytest.mark.parametrize("name", PRINTED)
def test_the_last_20_lines_of_the_step_are_shown(name: str) -> None:
    assert found(name).output == PRINTED[name]


def test_the_telling_line_is_shown_even_if_much_follows() -> None:
    assert "Error: the database driver is missing" in found("run-clipped").output


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("\n0.157 /bin/sh", "\n#5 0.157 /bin/sh", id="output is repeated, not read again"),
        pytest.param("ERROR: failed to solve:", "ERROR: failed to build: failed to solve:", id="a newer BuildKit"),
    ],
)
def test_what_buildkit_adds_changes_no_reason(before: str, after: str) -> None:
    assert before in OUTPUTS["run-not-found"]
    assert said(OUTPUTS["run-not-found"].replace(before, after)) == found("run-not-found")


@pytest.mark.parametrize("step", ["a", "b"])
def test_of_two_steps_that_failed_alike_it_is_the_one_that_ended_the_build(step: str) -> None:
    alike = re.sub(r"echo from [ab]; exit \d", "cat who; exit 4", OUTPUTS["two-fail"]).replace("code: 3", "code: 4")
    steps, line, end = alike.partition("------\n > [b 2/2]")

    assert said(steps + line.replace("b", step) + end).output == (f"from {step}",)


@pytest.mark.parametrize(
    "line", ["y" * 10_000, "\x1b[2J\x07ding\u2028end", "reason: not-a-zip: forged", "\U0001f355", "a\x85b\x0bc\x1ed"]
)
def test_whatever_a_step_prints_is_bounded_and_printable(line: str) -> None:
    reason = said(OUTPUTS["run-not-found"].replace("/bin/sh: npm: not found", line))

    assert reason.code == "build-failed"
    assert len(reason.output) == 1
    assert all(len(each) <= 200 for each in reason.output)
    assert all(ord(character) >= 32 for each in (*reason.output, reason.sentence) for character in each)


def test_a_step_that_is_not_in_the_output_is_called_a_step() -> None:
    assert str(failed()) == "build-failed: A step ended with exit code 1."


# With and without the cache


@pytest.mark.parametrize("name", ["cache-holes", "layer-503", "layer-429"])
def test_a_failure_that_the_cache_may_have_caused_is_built_again_without_it(name: str) -> None:
    assert not ends_so_with_any_cache(OUTPUTS[name])


@pytest.mark.parametrize(
    "name",
    ["cache-missing", "run-exit", "copy-missing", "base-503", "no-target", "unknown-instruction", "heredoc-open"],
)
def test_a_failure_that_no_cache_can_change_is_not_built_again(name: str) -> None:
    assert ends_so_with_any_cache(OUTPUTS[name])
