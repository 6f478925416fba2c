"""The functions really send each metric that the dashboard shows of them, under its dimension and in its unit."""

from collections.abc import Callable

import pytest

import record_image
from aws.metrics import ALARM_METRICS, NEEDS_ATTENTION, NEEDS_REPAIR, count
from core.notifying.statuses import DEPLOYED, FINAL, Status
from tests.functions.support.lambdas import Printed
from tests.functions.support.notifying import Notifying
from tests.functions.support.starting import Starting
from tests.support.stack import Stack
from tools.dashboard.widgets import Widget, all_series, widgets

NAMESPACE = "source-to-ecr"


@pytest.fixture(scope="module")
def shown(stack: Stack) -> list[Widget]:
    """The dashboard's widgets."""
    return widgets(stack.properties("ServiceDashboard")["DashboardBody"])


def metrics(shown: list[Widget], title: str) -> set[str]:
    """The functions' metrics in the widget with this title."""
    (widget,) = [each for each in shown if each.title == title]
    return {each.metric for each in widget.series if each.namespace == NAMESPACE}


def sent(printed: Printed) -> set[tuple[str, tuple[tuple[str, str], ...], str]]:
    """What was sent in the namespace: each metric with its dimensions and its unit."""
    found = set()
    for line in printed.lines:
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
            assert directive["Namespace"] == NAMESPACE
            (names,) = directive["Dimensions"]
            dimensions = tuple((name, line[name]) for name in names)
            found |= {(each["Name"], dimensions, each["Unit"]) for each in directive["Metrics"]}
    return found


def start(starting: Starting) -> None:
    """A build that starts, an upload that is rejected, one that is done before, and one that waits."""
    rejected = starting.upload(b"no zip", key="rejected.zip")
    starting.take(rejected, rejected)
    starting.codebuild_takes()
    starting.codebuild_refuses("AccountLimitExceededException")
    starting.take(starting.upload(key="good.zip"), starting.upload(key="waits.zip"))


def end(notifying: Notifying) -> None:
    """Uploads that are recorded, failed and superseded."""
    older, newer = notifying.upload(key="older.zip"), notifying.upload(key="newer.zip").at("2026-11-20T10:16:00Z")
    broken = notifying.upload(key="broken.zip")
    notifying.build_ended(notifying.succeeds(older), notifying.succeeds(newer), notifying.breaks(broken))


def ask_for_a_person(_: Notifying) -> None:
    """All that needs one: each is counted as the functions count it."""
    for outcome in [*ALARM_METRICS, "BuildFaulted"]:
        count(outcome)
    record_image.metrics.flush_metrics()


def test_start_build_sends_what_is_shown_of_it(starting: Starting, shown: list[Widget]) -> None:
    start(starting)
    names = metrics(shown, "Uploads") | metrics(shown, "Waiting uploads")

    assert {(name, "Count") for name in names} <= {(name, unit) for name, _, unit in sent(starting.printed)}


@pytest.mark.parametrize(
    ("title", "happen", "unit"),
    [
        ("From upload to recorded, in seconds", end, "Seconds"),
        ("Needs a person", ask_for_a_person, "Count"),
    ],
)
def test_record_image_sends_what_is_shown_of_it(
    notifying: Notifying, shown: list[Widget], title: str, happen: Callable[[Notifying], None], unit: str
) -> None:
    happen(notifying)
    names = metrics(shown, title)

    assert names
    assert {(name, unit) for name in names} <= {(name, unit) for name, _, unit in sent(notifying.printed)}


def test_record_image_sends_the_outcomes_of_builds(notifying: Notifying, shown: list[Widget]) -> None:
    end(notifying)
    rejected = Status("rejected", "").counted_as

    assert rejected in metrics(shown, "Uploads")  # StartBuild's, above
    assert metrics(shown, "Uploads by outcome") - {rejected} <= {name for name, *_ in sent(notifying.printed)}


def test_every_outcome_and_all_that_needs_a_person_is_shown(shown: list[Widget]) -> None:
    assert metrics(shown, "Uploads by outcome") == {
        Status(name, "").counted_as for name in FINAL if name not in DEPLOYED
    }
    assert metrics(shown, "Needs a person") == {NEEDS_ATTENTION, NEEDS_REPAIR, *ALARM_METRICS, "BuildFaulted"}


def test_the_dimension_is_the_one_that_is_sent(notifying: Notifying, shown: list[Widget]) -> None:
    end(notifying)
    ours = [each for each in all_series(shown) if each.namespace == NAMESPACE]

    assert {each.dimensions for each in ours} == {dimensions for _, dimensions, _ in sent(notifying.printed)}
