"""What fails between the steps of a recording, or changes: the next trigger completes it."""

import pytest
from botocore.exceptions import ClientError

from aws.ssm import REMEDIES, NotWrittenError
from tests.functions.support.recording import Recording
from tests.functions.support.repository import FIRST, SECOND, THIRD, digest, uri

STEPS = {
    "ListImages": "RepositoryNotFoundException",
    "GetParameterHistory": "AccessDeniedException",
    "BatchGetImage": "InternalServerError",
    "PutParameter": "InternalServerError",
    "PutImage": "LimitExceededException",
}
ERRORS = (ClientError, NotWrittenError)


@pytest.mark.parametrize(("step", "code"), STEPS.items())
def test_a_step_that_fails_fails_the_invocation_and_the_next_trigger_completes_the_recording(
    recording: Recording, step: str, code: str
) -> None:
    recording.registry.push(FIRST)
    recording.wire.fails(step, code, 400)
    with pytest.raises(ERRORS, match=code):
        recording.trigger()
    assert recording.value == (uri(FIRST) if step == "PutImage" else None)
    assert recording.registry.tags() == {FIRST: digest(FIRST)}
    assert recording.printed.metrics == {"RecordingFailed": 1}
    recording.wire.heals(step)
    recording.trigger()

    assert [value for value, _ in recording.versions()] == [uri(FIRST)]
    assert recording.registry.tags() == dict.fromkeys([FIRST, "latest", f"settled-{FIRST}"], digest(FIRST))


REFUSALS = [
    "ParameterMaxVersionLimitExceeded",
    "HierarchyTypeMismatchException",
    "ParameterPatternMismatchException",
    "AccessDeniedException",
    "ValidationException",
]


@pytest.mark.parametrize("code", REFUSALS)
def test_while_the_parameter_can_not_be_written_what_it_names_is_protected_and_the_log_says_what_to_do(
    recording: Recording, code: str
) -> None:
    recording.registry.push(FIRST)
    recording.trigger()
    recording.wire.fails("PutParameter", code, 400)
    for tag in (SECOND, THIRD):
        recording.registry.push(tag)
        with pytest.raises(NotWrittenError, match=code):
            recording.trigger()

    assert recording.value == uri(FIRST)
    assert recording.registry.latest == digest(FIRST)
    assert {tag for tag in recording.registry.tags() if tag.startswith("settled-")} == {f"settled-{FIRST}"}
    entries = recording.printed.entries("Recording failed: the triggers come again")
    assert len(entries) == 2
    for entry in entries:
        assert entry["level"] == "ERROR"
        assert "The parameter /jwt-pizza-service/image-uri can't be written. " in entry["exception"]
        assert REMEDIES[code] in entry["exception"]


def test_latest_follows_a_rollback_while_the_parameter_can_not_be_written(recording: Recording) -> None:
    for tag in (FIRST, SECOND):
        recording.registry.push(tag)
        recording.trigger()
    recording.put_by_hand(uri(FIRST), "Rolled back")
    recording.registry.push(THIRD)
    recording.wire.fails("PutParameter", "AccessDeniedException", 400)
    with pytest.raises(NotWrittenError):
        recording.trigger()

    assert recording.registry.latest == digest(FIRST)


def test_a_backlog_of_images_is_settled_by_several_triggers(recording: Recording) -> None:
    tags = [f"build-20240501T10{number:02}00Z-6B-{number:08x}" for number in range(60)]
    for tag in tags:
        recording.registry.push(tag)
    recording.trigger()
    recording.trigger()

    assert {f"settled-{tag}" for tag in tags} <= recording.registry.tags().keys()


# The image changes in between


def test_an_image_that_is_gone_during_its_recording_is_not_recorded_and_the_next_trigger_records_what_is_left(
    recording: Recording,
) -> None:
    for tag in (FIRST, SECOND):
        recording.registry.push(tag)
    recording.wire.before("BatchGetImage", lambda: recording.registry.expire(SECOND))
    recording.trigger()
    assert recording.value is None
    assert recording.printed.metrics == {"ImageGone": 1}
    recording.trigger()

    assert [value for value, _ in recording.versions()] == [uri(FIRST)]
    assert recording.registry.latest == digest(FIRST)


def test_latest_that_somebody_else_has_moved_to_the_image_is_success(recording: Recording) -> None:
    recording.registry.push(FIRST)
    recording.wire.before("PutImage", lambda: recording.registry.push("latest", image=FIRST))
    recording.trigger()

    assert recording.registry.latest == digest(FIRST)
    assert recording.value == uri(FIRST)
