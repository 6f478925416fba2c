"""What fails between the steps of a recording, or changes: the next trigger completes it."""

import pytest
from botocore.exceptions import ClientError

from tests.handlers.support.recording import Recording
from tests.handlers.support.registry import FIRST, SECOND, digest, uri

STEPS = ["DescribeImages", "GetParameterHistory", "BatchGetImage", "PutImage", "PutParameter"]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_of_a_recording_that_fails_fails_the_invocation(recording: Recording, step: str) -> None:
    recording.registry.push(FIRST)
    recording.wire.fails(step, "InternalServerError", 500)

    with pytest.raises(ClientError, match="InternalServerError"):
        recording.trigger()
    assert recording.value is None
    assert recording.printed.metrics == {"RecordingFailed": 1}


@pytest.mark.parametrize("step", STEPS)
def test_the_next_trigger_completes_a_recording_that_failed(recording: Recording, step: str) -> None:
    recording.registry.push(FIRST)
    recording.wire.fails(step, "InternalServerError", 500)
    with pytest.raises(ClientError, match="InternalServerError"):
        recording.trigger()
    recording.wire.heals(step)
    request_id = recording.trigger()

    assert recording.versions() == [(uri(FIRST), f"{FIRST} {request_id}")]
    assert recording.registry.latest == digest(FIRST)
    assert recording.printed.metrics == {"RecordingFailed": 1, "ImageRecorded": 1}


def test_where_only_the_parameter_is_missing_latest_is_not_moved_again(recording: Recording) -> None:
    recording.registry.push(FIRST)
    recording.wire.fails("PutParameter", "InternalServerError", 500)
    with pytest.raises(ClientError, match="InternalServerError"):
        recording.trigger()
    assert recording.registry.latest == digest(FIRST)
    recording.wire.heals("PutParameter")
    recording.wire.forget()
    recording.trigger()

    assert recording.wire.operations == ["DescribeImages", "GetParameterHistory", "PutParameter"]


@pytest.mark.parametrize("step", ["BatchGetImage", "PutImage"])
def test_an_image_that_latest_does_not_protect_is_not_recorded(recording: Recording, step: str) -> None:
    recording.registry.push(FIRST)
    recording.trigger()
    recording.registry.push(SECOND)
    recording.wire.fails(step, "LimitExceededException", 400)

    with pytest.raises(ClientError, match="LimitExceededException"):
        recording.trigger()
    assert recording.value == uri(FIRST)


def test_a_missing_repository_is_no_empty_one(recording: Recording) -> None:
    recording.wire.fails("DescribeImages", "RepositoryNotFoundException", 400)

    with pytest.raises(ClientError, match="RepositoryNotFoundException"):
        recording.trigger()


def test_a_history_that_may_not_be_read_is_no_empty_one(recording: Recording) -> None:
    recording.registry.push(FIRST)
    recording.wire.fails("GetParameterHistory", "AccessDeniedException", 400)

    with pytest.raises(ClientError, match="AccessDeniedException"):
        recording.trigger()
    assert recording.value is None


# The image changes in between


def test_an_image_that_is_gone_during_its_recording_is_not_recorded(recording: Recording) -> None:
    recording.registry.push(FIRST)
    recording.trigger()
    recording.registry.push(SECOND)
    recording.wire.before("BatchGetImage", lambda: recording.registry.expire(SECOND))
    recording.trigger()

    assert recording.value == uri(FIRST)
    assert recording.registry.latest == digest(FIRST)
    assert recording.printed.metrics == {"ImageRecorded": 1, "ImageGone": 1}


def test_after_an_image_is_gone_the_next_trigger_records_what_is_left(recording: Recording) -> None:
    for tag in (FIRST, SECOND):
        recording.registry.push(tag)
    recording.wire.before("BatchGetImage", lambda: recording.registry.expire(SECOND))
    recording.trigger()
    recording.trigger()

    assert [value for value, _ in recording.versions()] == [uri(FIRST)]
    assert recording.registry.latest == digest(FIRST)


def test_latest_that_somebody_else_has_moved_to_the_image_is_success(recording: Recording) -> None:
    recording.registry.push(FIRST)
    recording.wire.before("PutImage", lambda: recording.registry.push("latest", image=FIRST))
    recording.trigger()

    assert recording.registry.latest == digest(FIRST)
    assert recording.value == uri(FIRST)
