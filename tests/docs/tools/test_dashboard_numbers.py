"""How the numbers of the dashboard's picture are gathered."""

import json
import re

import pytest

from tools.dashboard import drawing, numbers
from tools.dashboard.numbers import Datum
from tools.dashboard.widgets import Series, Widget, widgets

SERVICE = (("service", "jwt-pizza-service"),)
SECONDS = Series("source-to-ecr", "UploadToRecorded", SERVICE, "p50", "median", None)


def datum(time: float, value: float, metric: str = "UploadToRecorded") -> Datum:
    """A value of one of the functions' metrics."""
    return ("source-to-ecr", metric, SERVICE), time, value


def widget_of(*metrics: object) -> Widget:
    """A graph of these metrics, by a dashboard's body."""
    grid = {"type": "metric", "x": 0, "y": 0, "width": 8, "height": 6}
    body = {"widgets": [grid | {"properties": {"title": "Some", "stat": "Sum", "metrics": metrics}}]}
    (widget,) = widgets(json.dumps(body))
    return widget


# The body


def test_a_dot_in_a_metric_is_what_stands_there_in_the_one_before() -> None:
    options = {"stat": "p95", "label": "other", "color": "#000000"}
    widget = widget_of(["a", "one", "x", "1"], [".", "two", ".", ".", options])

    assert widget.series == (
        Series("a", "one", (("x", "1"),), "Sum", "one", None),
        Series("a", "two", (("x", "1"),), "p95", "other", "#000000"),
    )


# The numbers


def test_a_line_of_the_embedded_format_has_all_values_of_each_metric() -> None:
    directive = {"Namespace": "n", "Dimensions": [["service"]], "Metrics": [{"Name": "A"}, {"Name": "B"}]}
    line = {"_aws": {"Timestamp": 7000, "CloudWatchMetrics": [directive]}, "service": "s", "A": [1.0, 2.0], "B": [3.0]}
    a, b = (("n", name, (("service", "s"),)) for name in "AB")

    assert list(numbers.embedded(json.dumps(line))) == [(a, 7, 1), (a, 7, 2), (b, 7, 3)]


def test_values_are_put_into_their_periods_and_others_left_out() -> None:
    data = [datum(99, 1), datum(100, 2), datum(119, 4), datum(140, 8), datum(160, 9), datum(100, 5, "BuildStarted")]

    assert numbers.by_period(SECONDS, data, start=100, period=20, periods=3) == [3, None, 8]


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("Sum", [1, 2, 2], 5),
        ("Maximum", [1, 3, 2], 3),
        ("p50", [4], 4),
        ("p50", [1, 2, 9], 2),
        ("p95", [4], 4),
        ("p95", [0, 100], 95),
    ],
)
def test_statistics(name: str, values: list[float], expected: float) -> None:
    assert numbers.STATISTICS[name](values) == pytest.approx(expected)


# The drawing


def test_a_bar_is_as_high_as_its_value_and_there_is_none_where_nothing_was_sent() -> None:
    widget = widget_of(["a", "one"], ["a", "two"])
    drawn = list(drawing.bars(widget, {"one": [4, None, 2, 0], "two": [None] * 4}))

    heights = [float(each) for each in re.findall(r'<rect .*height="([\d.]+)"', "\n".join(drawn))]
    assert heights == [heights[0], pytest.approx(heights[0] / 2), 1]
    assert re.findall(r">(.+)</text>", "\n".join(drawn)) == ["one", "4", "two", "no data"]
