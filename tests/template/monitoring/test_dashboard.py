"""The dashboard: a body that CloudWatch takes, with the stack's own metrics and all of its alarms.

That the functions send what it shows of them is in tests/functions/aws/test_shown_metrics.py.
"""

import json
import re
from itertools import combinations
from typing import Any

import pytest

from tests.support.stack import Stack
from tools.dashboard.widgets import Series, Widget, all_series, widgets

COLUMNS = 24
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
BODY = {"widgets", "start", "end", "periodOverride", "variables"}
WIDGET = {"type", "x", "y", "width", "height", "properties"}
PROPERTIES = {
    "alarm": {"title", "alarms", "sortBy", "states"},
    "metric": {
        *("title", "metrics", "region", "accountId", "annotations", "legend", "liveData", "period"),
        "setPeriodToTimeRange",
        *("singleValueFullPrecision", "sparkline", "stacked", "stat", "table", "timezone", "trend", "view", "yAxis"),
    },
}
NEEDED = {"alarm": {"alarms"}, "metric": {"metrics", "region"}}
OPTIONS = {"color", "expression", "id", "label", "period", "region", "stat", "visible", "yAxis", "accountId"}
STATISTICS = re.compile(r"Sum|Average|Minimum|Maximum|SampleCount|p\d\d?(\.\d+)?")
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
OF_QUEUES = {
    *("ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible"),
    *("ApproximateNumberOfMessagesVisible", "NumberOfEmptyReceives", "NumberOfMessagesDeleted"),
    *("NumberOfMessagesReceived", "NumberOfMessagesSent", "SentMessageSize"),
}
FREE_METRICS = 50
"""An account's first three dashboards cost nothing if they have no more: https://aws.amazon.com/cloudwatch/pricing."""


@pytest.fixture(scope="module")
def properties(symbols: Stack) -> dict[str, Any]:
    """The one dashboard's properties."""
    (found,) = symbols.all("AWS::CloudWatch::Dashboard").values()
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def body(properties: dict[str, Any]) -> dict[str, Any]:
    """Its body, after what the template puts into it."""
    found: dict[str, Any] = json.loads(properties["DashboardBody"])
    return found


@pytest.fixture(scope="module")
def shown(properties: dict[str, Any]) -> list[Widget]:
    """Its widgets."""
    return widgets(properties["DashboardBody"])


def titled(shown: list[Widget], title: str) -> tuple[Series, ...]:
    """The series of the widget with this title."""
    (found,) = [each for each in shown if each.title == title]
    return found.series


def test_its_name_is_the_service_s_own_in_each_region(symbols: Stack) -> None:
    (name,) = {each["DashboardName"] for each in symbols.all("AWS::CloudWatch::Dashboard").values()}
    longest = symbols.named(ServiceName="x" * symbols.document["Parameters"]["ServiceName"]["MaxLength"])

    assert name == "jwt-pizza-service-us-east-1"
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,255}", longest.properties("ServiceDashboard")["DashboardName"])


def test_it_can_be_left_out_with_its_output(symbols: Stack) -> None:
    depending = {
        name
        for part in ("Resources", "Outputs")
        for name, each in symbols.document[part].items()
        if each.get("Condition") == "HasDashboard"
    }

    assert depending == {"ServiceDashboard", "DashboardName"}
    assert symbols.document["Conditions"]["HasDashboard"] == {"Fn::Equals": [{"Ref": "Dashboard"}, "yes"]}


def test_its_body_has_what_cloudwatch_knows_and_needs(body: dict[str, Any]) -> None:
    assert body.keys() <= BODY
    for widget in body["widgets"]:
        names = widget["properties"].keys()

        assert widget.keys() == WIDGET
        assert NEEDED[widget["type"]] <= names <= PROPERTIES[widget["type"]]
        assert widget["properties"]["title"]
        assert widget["type"] == "alarm" or widget["properties"]["region"] == "us-east-1"
        for metric in widget["properties"].get("metrics", []):
            assert (metric[-1].keys() if isinstance(metric[-1], dict) else set()) <= OPTIONS


def test_what_the_template_refers_to_is_there(symbols: Stack, properties: dict[str, Any]) -> None:
    text = symbols.document["Resources"]["ServiceDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    names = {name.partition(".")[0] for name in re.findall(r"\$\{([^}]+)\}", text)}

    assert names <= {*symbols.document["Resources"], *symbols.document["Parameters"], "AWS::Region"}
    assert "${" not in properties["DashboardBody"]


def test_its_widgets_fill_the_grid_and_lie_on_no_other(shown: list[Widget]) -> None:
    cells = [
        {(x, y) for x in range(each.x, each.x + each.width) for y in range(each.y, each.y + each.height)}
        for each in shown
    ]

    assert all(each.x >= 0 and each.y >= 0 and each.width > 0 and each.height > 0 for each in shown)
    assert all(each.x + each.width <= COLUMNS for each in shown)
    assert [(one, other) for one, other in combinations(cells, 2) if one & other] == []
    assert len(set().union(*cells)) == COLUMNS * max(each.y + each.height for each in shown)


def test_each_title_and_in_it_each_label_is_said_once(shown: list[Widget]) -> None:
    assert len({each.title for each in shown}) == len(shown)
    for widget in shown:
        assert len({each.label for each in widget.series}) == len(widget.series), widget.title


def test_its_statistics_are_cloudwatch_s_and_it_costs_nothing_while_it_is_among_the_first_three(
    shown: list[Widget],
) -> None:
    metrics = {(each.namespace, each.metric, each.dimensions) for each in all_series(shown)}

    assert [each for each in all_series(shown) if not STATISTICS.fullmatch(each.statistic)] == []
    assert len(metrics) <= FREE_METRICS


def test_it_has_every_alarm_and_shows_what_it_watches(symbols: Stack, shown: list[Widget]) -> None:
    alarms = [alarm for widget in shown for alarm in widget.alarms]
    assert sorted(alarms) == sorted(f"{name}.Arn" for name in symbols.resources("AWS::CloudWatch::Alarm"))
    series = {(each.namespace, each.metric, each.dimensions, each.statistic) for each in all_series(shown)}

    for name, alarm in symbols.all("AWS::CloudWatch::Alarm").items():
        dimensions = tuple((each["Name"], each["Value"]) for each in alarm["Dimensions"])
        assert (alarm["Namespace"], alarm["MetricName"], dimensions, alarm["Statistic"]) in series, name


def test_the_functions_metrics_are_of_their_namespace_and_service(symbols: Stack, shown: list[Widget]) -> None:
    ours = [each for each in all_series(shown) if not each.namespace.startswith("AWS/")]

    for function in symbols.functions().values():
        variables = function["Environment"]["Variables"]
        assert {each.namespace for each in ours} == {variables["POWERTOOLS_METRICS_NAMESPACE"]}
        assert {each.dimensions for each in ours} == {(("service", variables["POWERTOOLS_SERVICE_NAME"]),)}


def test_the_queues_metrics_are_sqs_s_own_of_the_stacks_queues(symbols: Stack, shown: list[Widget]) -> None:
    of_queues = [each for each in all_series(shown) if each.namespace == "AWS/SQS"]
    queues = {f"{name}.QueueName" for name in symbols.resources("AWS::SQS::Queue")}

    assert {each.metric for each in of_queues} <= OF_QUEUES
    for each in of_queues:
        ((name, value),) = each.dimensions
        assert name == "QueueName"
        assert value in queues


def test_lambdas_metrics_are_the_errors_of_every_function(symbols: Stack, shown: list[Widget]) -> None:
    of_functions = [each for each in all_series(shown) if each.namespace == "AWS/Lambda"]

    assert {each.metric for each in of_functions} == {"Errors"}
    assert [each.dimensions for each in of_functions] == [(("FunctionName", name),) for name in symbols.functions()]


def test_its_dead_letters_are_those_of_both_queues_and_its_waiting_uploads_in_the_upload_queue(
    symbols: Stack, shown: list[Widget]
) -> None:
    targets = {
        queue["RedrivePolicy"]["deadLetterTargetArn"].replace(".Arn", ".QueueName")
        for queue in symbols.all("AWS::SQS::Queue").values()
        if "RedrivePolicy" in queue
    }

    assert {dict(each.dimensions)["QueueName"] for each in titled(shown, "Dead letters")} == targets
    waiting = [each for each in titled(shown, "Waiting uploads") if each.namespace == "AWS/SQS"]
    assert {each.dimensions for each in waiting} == {(("QueueName", "UploadQueue.QueueName"),)}


def test_seconds_are_percentiles_and_outcomes_are_sums(shown: list[Widget]) -> None:
    times = titled(shown, "From upload to recorded, in seconds")

    assert [each.statistic for each in times] == ["p50", "p95"]
    for title in ("Uploads", "Uploads by outcome", "Needs a person"):
        assert {each.statistic for each in titled(shown, title)} == {"Sum"}, title
