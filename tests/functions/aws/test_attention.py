"""Every outcome that needs a person is counted for one of two alarms, and nothing else is."""

import pytest

import record_image
from aws.metrics import ALARM_METRICS, NEEDS_ATTENTION, NEEDS_REPAIR, count
from tests.functions.support.lambdas import Printed
from tests.support.stack import Stack

WELL = [
    "BuildFaulted",
    "BuildStarted",
    "BuildWaiting",
    "ImageRecorded",
    "NothingToRecord",
    "UploadRejected",
    "StatusHasNoPlace",
]


def counted(outcome: str, times: int = 1) -> None:
    """Counts an outcome as a function does, and sends it."""
    count(outcome, times)
    record_image.metrics.flush_metrics()


@pytest.mark.parametrize(("outcome", "metric"), ALARM_METRICS.items())
def test_an_outcome_that_needs_a_person_counts_for_its_alarm(printed: Printed, outcome: str, metric: str) -> None:
    counted(outcome, 2)

    assert printed.metrics == {outcome: 2}
    assert (printed.attention, printed.repair) == ((2, 0) if metric == NEEDS_ATTENTION else (0, 2))


@pytest.mark.parametrize("outcome", WELL)
def test_an_outcome_that_needs_nobody_counts_for_no_alarm(printed: Printed, outcome: str) -> None:
    counted(outcome)

    assert (printed.attention, printed.repair) == (0, 0)


@pytest.mark.parametrize(
    ("name", "metric", "outcome"),
    [
        ("NeedsAttentionAlarm", NEEDS_ATTENTION, "ImageGone"),
        ("NeedsRepairAlarm", NEEDS_REPAIR, "MailFailed"),
        ("WaitingUploadsAlarm", "BuildWaiting", "BuildWaiting"),
    ],
)
def test_each_alarm_watches_what_is_sent(stack: Stack, printed: Printed, name: str, metric: str, outcome: str) -> None:
    counted(outcome)
    alarm = stack.properties(name)
    (line,) = printed.lines
    (directive,) = line["_aws"]["CloudWatchMetrics"]

    assert alarm["MetricName"] == metric
    assert alarm["MetricName"] in line
    assert alarm["Namespace"] == directive["Namespace"]
    assert [[each["Name"] for each in alarm["Dimensions"]]] == directive["Dimensions"]
    assert {each["Name"]: each["Value"] for each in alarm["Dimensions"]}.items() <= line.items()
