"""The widgets of a dashboard, from its body.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import batched
from typing import Any


# assumes: dashboard-body
@dataclass(frozen=True)
class Series:
    """One line of a graph: a statistic of a metric."""

    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str
    label: str
    color: str | None

    @property
    def key(self) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        """The name and dimensions that identify the metric."""
        return self.namespace, self.metric, self.dimensions


@dataclass(frozen=True)
class Widget:
    """A rectangle of the grid: a graph of series, or the states of alarms."""

    title: str
    x: int
    y: int
    width: int
    height: int
    series: tuple[Series, ...]
    alarms: tuple[str, ...]


def widgets(body: str) -> list[Widget]:
    """The widgets of a dashboard's body."""
    return [
        Widget(
            title=each["properties"]["title"],
            **{name: each[name] for name in ("x", "y", "width", "height")},
            series=tuple(series(each["properties"])),
            alarms=tuple(each["properties"].get("alarms", [])),
        )
        for each in json.loads(body)["widgets"]
    ]


def series(properties: dict[str, Any]) -> Iterator[Series]:
    """The series of a graph. A dot in a metric repeats what the metric before has in that place."""
    before: list[str] = []
    for metric in properties.get("metrics", []):
        options = metric[-1] if isinstance(metric[-1], dict) else {}
        names = [each for each in metric if each is not options]
        before = [before[place] if each == "." else each for place, each in enumerate(names)]
        namespace, name, *dimensions = before
        yield Series(
            namespace=namespace,
            metric=name,
            dimensions=tuple((each, value) for each, value in batched(dimensions, 2, strict=True)),
            statistic=options.get("stat", properties.get("stat", "Average")),
            label=options.get("label", name),
            color=options.get("color"),
        )


def all_series(found: Iterable[Widget]) -> list[Series]:
    """The series of all graphs."""
    return [each for widget in found for each in widget.series]
