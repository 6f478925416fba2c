"""The parameter's history: what was put by hand stays until something newer is built, and `latest` follows it.

tests/unit/core/recording/test_next_image.py has which version was put by whom.
"""

from typing import Any

import pytest

from tests.functions.support.recording import PARAMETER, Recording
from tests.functions.support.repository import DOCKER_LIST, FIRST, OCI_INDEX, REPOSITORY_URI, SECOND, THIRD, digest, uri


@pytest.fixture
def rolled_back(recording: Recording) -> Recording:
    """Two images were recorded, then an operator put the first one's URI back."""
    for tag in (FIRST, SECOND):
        recording.registry.push(tag)
        recording.trigger()
    recording.put_by_hand(uri(FIRST))
    recording.wire.forget()
    return recording


def test_latest_follows_a_rollback_once_until_a_newer_upload_ends_it(rolled_back: Recording) -> None:
    rolled_back.trigger()
    rolled_back.trigger()
    assert rolled_back.value == uri(FIRST)
    assert rolled_back.registry.latest == digest(FIRST)
    assert "PutParameter" not in rolled_back.wire.operations
    assert rolled_back.wire.operations.count("PutImage") == 1

    rolled_back.registry.push(THIRD)
    rolled_back.trigger()
    assert rolled_back.value == uri(THIRD)
    assert rolled_back.registry.latest == digest(THIRD)


def test_a_rollback_to_an_image_that_is_gone_leaves_latest_alone_and_asks_for_attention_at_each_trigger(
    rolled_back: Recording,
) -> None:
    rolled_back.registry.expire(FIRST)
    for _ in range(3):
        rolled_back.trigger()

    assert rolled_back.registry.latest == digest(SECOND)
    assert rolled_back.printed.metrics["ImageGone"] == 3
    assert rolled_back.printed.attention == 3


@pytest.mark.parametrize("kind", [OCI_INDEX, DOCKER_LIST])
def test_latest_follows_a_rollback_to_an_image_index(rolled_back: Recording, kind: str) -> None:
    rolled_back.registry.push("index", kind=kind)
    rolled_back.put_by_hand(f"{REPOSITORY_URI}@{digest('index', kind)}", "Rolled back")
    rolled_back.trigger()

    assert rolled_back.registry.latest == digest("index", kind)


def test_after_the_parameter_is_deleted_the_newest_image_is_recorded(rolled_back: Recording) -> None:
    rolled_back.delete_parameter()
    rolled_back.trigger()

    assert [value for value, _ in rolled_back.versions()] == [uri(SECOND)]


# A long history


def test_the_whole_history_of_the_parameter_counts(rolled_back: Recording) -> None:
    # The first of its two pages holds the mark, the last what is named now.
    for number in range(57):
        rolled_back.put_by_hand(uri(FIRST), f"deployment {number}")
    rolled_back.trigger()

    assert len(rolled_back.versions()) == 60
    assert [asked["Name"] for asked in rolled_back.wire.of("GetParameterHistory")].count(PARAMETER) == 2
    assert rolled_back.value == uri(FIRST)
    assert rolled_back.registry.latest == digest(FIRST)


def test_the_order_of_the_history_is_that_of_the_versions(rolled_back: Recording) -> None:
    def reverse(answer: dict[str, Any]) -> None:
        answer.get("Parameters", []).reverse()

    rolled_back.wire.after("GetParameterHistory", reverse)  # moto sorts, SSM doesn't promise to
    rolled_back.trigger()

    assert rolled_back.value == uri(FIRST)
    assert rolled_back.registry.latest == digest(FIRST)
