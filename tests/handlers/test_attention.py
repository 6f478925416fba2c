"""Every outcome that needs a person is counted for the one alarm, and nothing else is."""

import pytest

import record_image
from edge.metrics import NEEDS_A_PERSON, NEEDS_ATTENTION, count
from tests.handlers.support.lambdas import Printed
from tests.support.stack import Stack

WELL = ["BuildStarted", "BuildWaiting", "ImageRecorded", "NothingToRecord", "UploadRejected", "StatusHasNoPlace"]


def counted(outcome: str, times: int = 1) -> None:
    """Counts an outcome as a function does, and sends it."""
    count(outcome, times)
    record_image.metrics.flush_metrics()


@pytest.mark.parametrize("outcome", sorted(NEEDS_A_PERSON))
def test_an_outcome_that_needs_a_person_asks_for_attention(printed: Printed, outcome: str) -> None:
    counted(outcome, 2)

    assert printed.metrics == {outcome: 2}
    assert printed.attention == 2


@pytest.mark.parametrize("outcome", WELL)
def test_an_outcome_that_needs_nobody_asks_for_no_attention(printed: Printed, outcome: str) -> None:
    counted(outcome)

    assert printed.attention == 0


def test_the_alarm_watches_what_asks_for_attention(stack: Stack, printed: Printed) -> None:
    counted("ImageGone")
    alarm = stack.properties("NeedsAttentionAlarm")
    (line,) = printed.lines
    (directive,) = line["_aws"]["CloudWatchMetrics"]

    assert alarm["MetricName"] == NEEDS_ATTENTION
    assert alarm["MetricName"] in line
    assert alarm["Namespace"] == directive["Namespace"]
    assert [[each["Name"] for each in alarm["Dimensions"]]] == directive["Dimensions"]
    assert {each["Name"]: each["Value"] for each in alarm["Dimensions"]}.items() <= line.items()
