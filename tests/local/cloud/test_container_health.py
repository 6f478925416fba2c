"""The health of a container, from what `docker inspect` says of its state."""

import pytest

from local.cloud.shared.container_health import health


@pytest.mark.parametrize(("status", "expected"), [("healthy", "HEALTHY"), ("unhealthy", "UNHEALTHY")])
def test_a_running_container_has_the_verdict_of_its_check(status: str, expected: str) -> None:
    assert health({"Running": True, "Health": {"Status": status}}) == expected


def test_a_container_that_has_ended_is_not_unhealthy() -> None:
    assert health({"Running": False, "ExitCode": 3, "Health": {"Status": "unhealthy"}}) is None


@pytest.mark.parametrize("state", [{"Running": True}, {"Running": True, "Health": {"Status": "starting"}}])
def test_without_a_check_and_before_its_first_answer_there_is_no_verdict(state: dict[str, object]) -> None:
    assert health(state) is None
