"""How the numbers of the dashboard's picture are gathered, and where its marks are."""

import json

import pytest

from tools.dashboard import drawing, numbers
from tools.dashboard.numbers import Datum
from tools.dashboard.widgets import Series, widgets

SERVICE = (("service", "jwt-pizza-service"),)
SECONDS = Series("source-to-ecr", "UploadToRecorded", SERVICE, "p50", "median", None, is_right=False)


def datum(time: float, value: float, metric: str = "UploadToRecorded") -> Datum:
    """A value of one of the functions' metrics."""
    return Datum("source-to-ecr", metric, SERVICE, time, value)


# The body


def test_a_dot_in_a_metric_is_what_stands_there_in_the_one_before() -> None:
    metrics = [["a", "one", "x", "1"], [".", "two", ".", ".", {"stat": "p95", "label": "other", "yAxis": "right"}]]
    grid = {"type": "metric", "x": 0, "y": 0, "width": 8, "height": 6}
    body = {"widgets": [grid | {"properties": {"title": "Some", "stat": "Sum", "metrics": metrics}}]}
    (widget,) = widgets(json.dumps(body))

    assert widget.series == (
        Series("a", "one", (("x", "1"),), "Sum", "one", None, is_right=False),
        Series("a", "two", (("x", "1"),), "p95", "other", None, is_right=True),
    )


# The numbers


def test_a_line_of_the_embedded_format_has_all_values_of_each_metric() -> None:
    directive = {"Namespace": "n", "Dimensions": [["service"]], "Metrics": [{"Name": "A"}, {"Name": "B"}]}
    line = {"_aws": {"Timestamp": 7000, "CloudWatchMetrics": [directive]}, "service": "s", "A": [1.0, 2.0], "B": [3.0]}

    assert list(numbers.embedded(json.dumps(line))) == [
        Datum("n", "A", (("service", "s"),), 7, 1),
        Datum("n", "A", (("service", "s"),), 7, 2),
        Datum("n", "B", (("service", "s"),), 7, 3),
    ]


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
        ("p95", [0, 100], 95),
    ],
)
def test_statistics(name: str, values: list[float], expected: float) -> None:
    assert numbers.statistic(name, values) == pytest.approx(expected)


# The drawing


@pytest.mark.parametrize(
    ("most", "ticks"),
    [
        *[(0, [0, 1]), (1, [0, 1]), (2, [0, 1, 2]), (4, [0, 1, 2, 3, 4]), (5, [0, 2, 4, 6])],
        *[(8.5, [0, 5, 10]), (27, [0, 10, 20, 30]), (180, [0, 50, 100, 150, 200])],
    ],
)
def test_an_axis_has_few_whole_marks_and_ends_above_all_values(most: float, ticks: list[float]) -> None:
    assert drawing.scale(most) == ticks


def test_what_was_not_sent_interrupts_a_line() -> None:
    plot = drawing.Plot(left=0, top=0, width=40, height=10, periods=4, most=2)
    drawn = list(drawing.line(plot, [1, 2, None, 0], "#000000", 3))

    assert [each for each in drawn if "polyline" in each] == [
        '<polyline points="5.0,5.0 15.0,0.0" fill="none" stroke="#000000" stroke-width="2"/>',
    ]
    assert len([each for each in drawn if "circle" in each]) == 3
