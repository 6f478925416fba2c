"""When alarms are on and off, by the rules that CloudWatch documents for what is missing and for how many of how many.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.support.stack import Stack

type Periods = list[float | None]
"""The values of an alarm's metric, one a period, the newest last; None is no metric."""

EXTRA = range(1, 5)
"""CloudWatch looks back for a higher number of periods than it evaluates: it gives no rule, and an example with two."""


def is_on(alarm: dict[str, Any], periods: Periods, extra: int) -> bool:
    """Whether an alarm is on that takes missing values for good ones.

    They fill up only what the values in CloudWatch's range lack, however far back in it those are.
    """
    considered = periods[-(alarm["EvaluationPeriods"] + extra) :]
    evaluated = [value for value in considered if value is not None][-alarm["EvaluationPeriods"] :]
    breaching = [value for value in evaluated if value > alarm["Threshold"]]
    needed: int = alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])
    return len(breaching) >= needed


def states(stack: Stack, name: str, periods: Periods) -> set[bool]:
    """Whether one of the template's alarms is on, however far back CloudWatch looks."""
    alarm = stack.properties(name)
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert alarm["TreatMissingData"] == "notBreaching"
    return {is_on(alarm, periods, extra) for extra in EXTRA}


# CloudWatch's own examples: three periods evaluated, of five in its range. 0 is good, X bad, - missing.


@pytest.mark.parametrize(
    ("needed", "periods", "on"),
    [
        *[(3, "0-X-X", False), (3, "0----", False), (3, "-----", False), (3, "0XX-X", True), (3, "--X--", False)],
        *[(2, "0-X-X", True), (2, "00X0X", True), (2, "0-X--", False), (2, "----0", False), (2, "---X-", False)],
    ],
)
def test_the_model_knows_cloudwatchs_examples(needed: int, periods: str, on: bool) -> None:
    alarm = {"EvaluationPeriods": 3, "DatapointsToAlarm": needed, "Threshold": 0}

    assert is_on(alarm, [{"0": 0, "X": 1}.get(each) for each in periods], extra=2) is on


# Each alarm

IDLE: Periods = [None] * (max(EXTRA) + 1)


@pytest.mark.parametrize("name", ["UploadDeadLettersAlarm", "TriggerDeadLettersAlarm"])
@pytest.mark.parametrize(
    ("periods", "on"),
    [
        pytest.param([None, None], False, id="an idle queue"),
        pytest.param([0, 1], True, id="one message"),
        pytest.param([1, 1], True, id="as long as it is there"),
        pytest.param([1, 0], False, id="redriven or expired"),
        pytest.param([1, *IDLE], False, id="and idle for a while"),
    ],
)
def test_the_alarms_of_dead_letters_are_on_while_there_are_some(
    stack: Stack, name: str, periods: Periods, on: bool
) -> None:
    assert states(stack, name, periods) == {on}


@pytest.mark.parametrize(
    ("periods", "on"),
    [
        pytest.param([None, None, None, None], False, id="no upload"),
        pytest.param([None, None, None, 3], False, id="a quarter of an hour"),
        pytest.param([None, 5, 5, 5], False, id="three quarters"),
        pytest.param([5, 5, 5, 5], True, id="an hour"),
        pytest.param([5, 5, 5, 5, *IDLE], False, id="taken, and quiet since"),
    ],
)
def test_the_alarm_of_waiting_uploads_is_on_after_an_hour(stack: Stack, periods: Periods, on: bool) -> None:
    assert states(stack, "WaitingUploadsAlarm", periods) == {on}


# What needs a person. CloudWatch's periods begin at any minute of what happens: all five are tried.

RETRY = 3
"""Minutes after which an upload's message, or a trigger, comes again."""
SCHEDULE = 15


def counted(minutes: Iterable[int], first: int, now: int) -> Periods:
    """Failures at these minutes as periods of five, the first of which began so many minutes before; up to now."""
    periods: Periods = [None] * ((now + first) // 5 + 1)
    for minute in minutes:
        if minute <= now:
            place = (minute + first) // 5
            periods[place] = (periods[place] or 0) + 1
    return periods


def attention(stack: Stack, minutes: Iterable[int], now: int) -> set[bool]:
    """Whether the alarm is on at that minute after failures at these minutes, wherever the periods begin."""
    return {
        on for first in range(5) for on in states(stack, "NeedsAttentionAlarm", counted([*minutes], first, now=now))
    }


@pytest.mark.parametrize("at_once", [1, 10])
def test_a_single_failure_puts_no_alarm_on(stack: Stack, at_once: int) -> None:
    for now in range(60):
        assert attention(stack, [0] * at_once, now) == {False}


@pytest.mark.parametrize("schedules", [2, 3, 10])
def test_two_schedules_that_fail_one_after_the_other_need_a_person(stack: Stack, schedules: int) -> None:
    failures = range(0, schedules * SCHEDULE, SCHEDULE)

    assert attention(stack, failures, now=failures[-1]) == {True}


def test_schedules_that_fail_for_hours_keep_the_alarm_on(stack: Stack) -> None:
    for now in range(SCHEDULE, 4 * 60):
        assert attention(stack, range(0, 4 * 60, SCHEDULE), now) == {True}


def test_an_upload_that_fails_at_each_attempt_needs_a_person_within_ten_minutes(stack: Stack) -> None:
    assert attention(stack, range(0, 60, RETRY), now=10) == {True}


def test_the_attention_alarm_clears_by_itself_within_the_hour(stack: Stack) -> None:
    assert attention(stack, [0, SCHEDULE], now=SCHEDULE + 60) == {False}
