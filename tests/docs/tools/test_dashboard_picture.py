"""The picture of the dashboard is the template's dashboard with the numbers of one run, and the page explains it."""

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.docs.support.documents import ROOT, rows, section
from tests.support.stack import Stack
from tools.dashboard import drawing
from tools.dashboard.drawing import alarm_name
from tools.dashboard.widgets import Series, Widget, widgets

DOCS = ROOT / "docs" / "operating"


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """What the run found."""
    gathered: dict[str, Any] = json.loads((DOCS / "dashboard.json").read_text())
    return gathered


@pytest.fixture(scope="module")
def templates() -> list[Widget]:
    """The template's widgets."""
    return widgets(Stack.from_file().properties("ServiceDashboard")["DashboardBody"])


def by_logical_names(widget: Widget) -> Widget:
    """The widget without the names that CloudFormation gives to alarms and queues."""
    alarms = tuple(name.removesuffix(".Arn") if "." in name else alarm_name(name) for name in widget.alarms)
    return replace(widget, alarms=alarms, series=tuple(by_logical_name(each) for each in widget.series))


def by_logical_name(series: Series) -> Series:
    """The series with a queue's or a function's name as the template has it."""
    name, value = series.dimensions[0]
    logical = value.removesuffix(".QueueName").removeprefix("source-to-ecr-").partition("-")[0]
    return replace(series, dimensions=((name, value if name == "service" else logical),))


def test_the_picture_has_the_widgets_of_the_template(found: dict[str, Any], templates: list[Widget]) -> None:
    drawn = widgets(json.dumps(found["body"]))

    assert [by_logical_names(each) for each in drawn] == [by_logical_names(each) for each in templates]


def test_the_picture_is_drawn_from_the_numbers(found: dict[str, Any], templates: list[Widget]) -> None:
    picture = (DOCS / "dashboard.svg").read_text()
    texts = {each.text for each in ElementTree.fromstring(picture).iter() if each.tag.endswith("text")}  # noqa: S314  # our own

    assert picture == drawing.drawing(found)
    assert {each.title for each in templates} <= texts


def test_there_is_a_number_or_none_for_each_series_and_period(found: dict[str, Any], templates: list[Widget]) -> None:
    values = found["values"]

    assert {title: list(each) for title, each in values.items()} == {
        widget.title: [series.label for series in widget.series] for widget in templates if widget.series
    }
    assert len({len(each) for widget in values.values() for each in widget.values()}) == 1


def test_something_of_every_outcome_is_in_the_picture(found: dict[str, Any]) -> None:
    outcomes = found["values"]["Uploads by outcome"]

    assert [label for label, values in outcomes.items() if not any(values)] == []


def test_the_operations_page_explains_every_widget(templates: list[Widget]) -> None:
    page = section(DOCS / "operations.md", "The dashboard")

    assert [row[0] for row in rows(page)] == [each.title for each in templates]
    assert "(dashboard.svg)" in page
