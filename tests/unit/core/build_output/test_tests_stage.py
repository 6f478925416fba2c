"""A failure in the tests' stage."""

import pytest

from core.build_output.build_failures import explained
from core.reasons import Reason
from tests.unit.core.build_output.support.outputs import DOCKERFILE, OUTPUTS, SOURCE, WITH_CR, found
from tests.unit.core.build_output.support.reasons import REASONS

OF_OTHER_STAGES = {"tests-fail", "two-fail", "run-long", "cache-missing"}


def said_of_tests(name: str, stage: str) -> Reason:
    """The reason for one of the outputs, if the build was for the tests' stage."""
    return explained(OUTPUTS[name], DOCKERFILE, SOURCE.__contains__, stage)


@pytest.mark.parametrize("stage", ["unit-tests", "Unit-Tests"])
def test_a_failed_command_in_the_tests_stage_means_the_tests_failed(stage: str) -> None:
    failure = said_of_tests("tests-fail", stage)

    assert failure.code == "tests-failed"
    assert (failure.sentence, failure.output) == (found("tests-fail").sentence, ("2 passed, 1 failed",))


def test_a_failed_step_in_a_stage_below_the_tests_is_a_failed_build() -> None:
    assert said_of_tests("tests-fail", "integration") == found("tests-fail")


def test_stages_with_many_steps_are_known() -> None:
    padded = OUTPUTS["tests-fail"].replace("[unit-tests 1/1]", "[unit-tests  1/10]")

    assert explained(padded, DOCKERFILE, SOURCE.__contains__, "unit-tests").code == "tests-failed"


@pytest.mark.parametrize("name", sorted(REASONS.keys() - OF_OTHER_STAGES - WITH_CR))
def test_unless_a_step_exited_with_a_code_no_test_has_failed(name: str) -> None:
    ended_by_itself = "did not complete successfully: exit code: " in OUTPUTS[name]
    failure, alone = said_of_tests(name, "test"), found(name)

    assert (failure.code == "tests-failed") == (ended_by_itself and alone.code == "build-failed")
    assert failure.sentence == alone.sentence
