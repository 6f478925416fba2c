"""When alarms fire and clear, by the rules that CloudWatch documents for what is missing and for how many of how many.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

import pytest

from tests.support.stack import Stack


def fires(stack: Stack, name: str, periods: list[float | None]) -> bool:
    """Whether an alarm is on after these values of its metric, one a period, the newest last; None is no metric."""
    alarm = stack.properties(name)
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert alarm["TreatMissingData"] == "notBreaching"
    considered = periods[-alarm["EvaluationPeriods"] :]
    breaching: list[bool] = [value is not None and value > alarm["Threshold"] for value in considered]
    needed: int = alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])
    return sum(breaching) >= needed


@pytest.mark.parametrize("name", ["UploadDeadLettersAlarm", "TriggerDeadLettersAlarm"])
@pytest.mark.parametrize(
    ("periods", "on"),
    [
        pytest.param([None, None], False, id="an idle queue"),
        pytest.param([0, 1], True, id="one message"),
        pytest.param([1, 1], True, id="as long as it is there"),
        pytest.param([1, 0], False, id="redriven or purged"),
        pytest.param([1, None], False, id="and idle again"),
    ],
)
def test_dead_letters(stack: Stack, name: str, periods: list[float | None], on: bool) -> None:
    assert fires(stack, name, periods) is on


@pytest.mark.parametrize(
    ("periods", "on"),
    [
        pytest.param([None, None, None, None], False, id="no upload"),
        pytest.param([None, None, None, 3], False, id="a quarter of an hour"),
        pytest.param([None, 5, 5, 5], False, id="three quarters"),
        pytest.param([5, 5, 5, 5], True, id="an hour"),
        pytest.param([5, 5, 5, 5, None], False, id="taken"),
    ],
)
def test_waiting_uploads(stack: Stack, periods: list[float | None], on: bool) -> None:
    assert fires(stack, "WaitingUploadsAlarm", periods) is on


@pytest.mark.parametrize(
    ("periods", "on"),
    [
        pytest.param([None, None], False, id="no build"),
        pytest.param([None, 0], False, id="one that succeeded"),
        pytest.param([0, 1], True, id="one that failed"),
        pytest.param([1, None], False, id="five minutes later"),
    ],
)
def test_failed_builds(stack: Stack, periods: list[float | None], on: bool) -> None:
    assert fires(stack, "FailedBuildsAlarm", periods) is on
