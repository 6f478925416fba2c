"""When alarms are on and off, by the rules that CloudWatch documents for what is missing and for how many of how many.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from collections.abc import Iterable
from typing import Any

import pytest

from aws.metrics import ALARM_METRICS, NEEDS_ATTENTION
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


def states(alarm: dict[str, Any], periods: Periods) -> set[bool]:
    """Whether one of the template's alarms is on, however far back CloudWatch looks."""
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
    assert states(stack.properties(name), periods) == {on}


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
    assert states(stack.properties("WaitingUploadsAlarm"), periods) == {on}


# How often each metric comes while its cause lasts, and when its alarm is on then, as promised in
# docs/operating/operations.md. CloudWatch's periods begin at any minute of what happens: all are tried.

RETRY = 3
"""Minutes after which an upload's message, or a trigger, comes again."""
SCHEDULE = 15
RHYTHMS = {
    "MessageFailed": [RETRY, RETRY + 1],
    "RecordingFailed": [RETRY, RETRY + 1, SCHEDULE],
    "ImageGone": [SCHEDULE],
    "NotificationFailed": [SCHEDULE],
    "NotificationSkipped": [SCHEDULE],
}
"""The minutes between two counts of what comes again; an invocation of half a minute is in the second ones."""
AN_HOUR, HOURS = 60, 5 * 60


def counted(minutes: Iterable[int], first: int, now: int, period: int) -> Periods:
    """Counts at these minutes as periods, the first of which began so many minutes before; up to now."""
    periods: Periods = [None] * ((now + first) // period + 1)
    for minute in minutes:
        if minute <= now:
            place = (minute + first) // period
            periods[place] = (periods[place] or 0) + 1
    return periods


def alarms(stack: Stack, name: str, minutes: Iterable[int], now: int) -> set[bool]:
    """Whether an alarm is on at that minute after counts at these minutes, wherever the periods begin."""
    alarm = stack.properties(name)
    period = alarm["Period"] // 60
    return {on for first in range(period) for on in states(alarm, counted(minutes, first, now, period))}


def test_the_rhythms_are_those_of_the_template(stack: Stack) -> None:
    queues = [stack.properties(name) for name in ("UploadQueue", "TriggerQueue")]

    assert {each["VisibilityTimeout"] for each in queues} == {RETRY * 60}
    assert stack.properties("Schedule")["ScheduleExpression"] == f"rate({SCHEDULE} minutes)"
    assert stack.function("StartBuild")["Timeout"] == stack.function("RecordImage")["Timeout"] == 30


def test_every_metric_of_an_alarm_that_waits_has_a_rhythm() -> None:
    assert {*RHYTHMS} == {name for name, metric in ALARM_METRICS.items() if metric == NEEDS_ATTENTION}


AGAIN = ["NeedsAttentionAlarm", "StartBuildErrorsAlarm", "RecordImageErrorsAlarm"]
"""These wait for the second time. What kills a function comes again like a failed message or a failed recording."""


@pytest.mark.parametrize("name", AGAIN)
@pytest.mark.parametrize("at_once", [1, 10])
def test_a_single_failure_puts_no_alarm_on(stack: Stack, name: str, at_once: int) -> None:
    for now in range(AN_HOUR):
        assert alarms(stack, name, [0] * at_once, now) == {False}


@pytest.mark.parametrize("name", AGAIN)
@pytest.mark.parametrize("rhythm", sorted({each for rhythms in RHYTHMS.values() for each in rhythms}))
def test_what_fails_again_puts_the_alarm_on_at_its_second_period_and_keeps_it_on(
    stack: Stack, name: str, rhythm: int
) -> None:
    failures = range(0, HOURS, rhythm)
    second = next(each for each in failures if each >= stack.properties(name)["Period"] // 60)

    for now in range(second, HOURS):
        assert alarms(stack, name, failures, now) == {True}


@pytest.mark.parametrize("name", AGAIN)
def test_what_fails_again_puts_the_alarm_on_though_the_schedule_between_is_lost(stack: Stack, name: str) -> None:
    assert alarms(stack, name, [0, 2 * SCHEDULE], now=2 * SCHEDULE) == {True}


@pytest.mark.parametrize("name", AGAIN)
def test_what_failed_again_and_heals_clears_the_alarm_within_70_minutes(stack: Stack, name: str) -> None:
    assert alarms(stack, name, [0, SCHEDULE], now=SCHEDULE + 70) == {False}


@pytest.mark.parametrize("rhythm", [RETRY, RETRY + 1])
def test_an_upload_that_codebuild_refuses_puts_the_alarm_on_within_50_minutes(stack: Stack, rhythm: int) -> None:
    refusals = range(0, HOURS, rhythm)

    for now in range(2 * SCHEDULE):
        assert alarms(stack, "WaitingUploadsAlarm", refusals, now) == {False}
    for now in range(50, HOURS):
        assert alarms(stack, "WaitingUploadsAlarm", refusals, now) == {True}


# A build that fails through nobody's fault is counted by a resync, which starts the next one. Nobody knows how long
# that one is queued and runs: so no rhythm tells the second time, RecordImage does.


def faults(minutes: int) -> list[int]:
    """When resyncs count the builds of an upload that all fail, so many minutes after they were started."""
    counts = [0]
    while counts[-1] < 24 * AN_HOUR:
        ended = counts[-1] + minutes
        counts.append((ended // SCHEDULE + 1) * SCHEDULE)
    return counts


@pytest.mark.parametrize("minutes", [*range(2, 61), 90, 120, 240, 480, 960])
def test_an_uploads_second_fault_puts_the_alarm_on_at_once_however_long_its_builds_take(
    stack: Stack, minutes: int
) -> None:
    _, second, *later = faults(minutes)

    for now in range(second, second + AN_HOUR - 5):
        assert alarms(stack, "NeedsRepairAlarm", [second, *later], now) == {True}


@pytest.mark.parametrize("minutes", range(2, 45))
def test_builds_that_fail_within_three_quarters_of_an_hour_keep_the_alarm_on(stack: Stack, minutes: int) -> None:
    _, second, *later = faults(minutes)

    for now in range(second, HOURS):
        assert alarms(stack, "NeedsRepairAlarm", [second, *later], now) == {True}


def test_what_needed_repair_once_clears_the_alarm_within_an_hour_and_a_half(stack: Stack) -> None:
    assert alarms(stack, "NeedsRepairAlarm", [0], now=90) == {False}
