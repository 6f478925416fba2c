"""docs/operating/dashboard.svg: the dashboard's widgets, each at its place, with the numbers of a run."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any

from local.sam import STACK
from tools.dashboard.widgets import Series, Widget, widgets

UNIT = 40  # pixels of one column and one row of the grid
HEAD = 44
MARGIN = 5
LEFT, RIGHT, TOP = 38, 24, 40  # of a graph, beside its axes and below its title
LINE = 17  # of a legend
RADII = (4, 3, 2.2)  # of a point: those of the first series can be seen behind others
INK, FAINT, GRID = "#16191f", "#687078", "#e3e6ea"
STATES = {"OK": "#2e8540", "ALARM": "#d13212", "INSUFFICIENT_DATA": "#687078"}
# The colours that CloudWatch gives to series without one, in this order.
COLOURS = (
    "#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"
)  # fmt: skip

type Values = list[float | None]


def drawing(found: dict[str, Any]) -> str:
    """The picture as SVG."""
    shown = widgets(json.dumps(found["body"]))
    width = UNIT * max(each.x + each.width for each in shown)
    height = HEAD + UNIT * max(each.y + each.height for each in shown) + MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
        f'<rect width="{width}" height="{height}" fill="#f2f3f3"/>',
        text(10, 28, found["name"], size=17, weight="bold"),
        text(width - 10, 28, subtitle(found), anchor="end", fill=FAINT),
    ]
    for widget in shown:
        lines += frame(widget)
        lines += graph(widget, found) if widget.series else alarms(widget, found["alarms"])
    return "\n".join([*lines, "</svg>", ""])


def subtitle(found: dict[str, Any]) -> str:
    """What the numbers are."""
    minutes = seconds(found) // 60
    return (
        f"{minutes} minutes of the local cloud on {found['date']}, {found['period']} s a point; grey: nothing was sent"
    )


def seconds(found: dict[str, Any]) -> int:
    """How long the run was."""
    (periods,) = {len(values) for widget in found["values"].values() for values in widget.values()}
    total: int = periods * found["period"]
    return total


def text(
    x: float, y: float, said: str, *, size: int = 12, anchor: str = "start", fill: str = INK, weight: str = ""
) -> str:
    """One line of text."""
    bold = f' font-weight="{weight}"' if weight else ""
    place = f'x="{x:g}" y="{y:g}" font-size="{size}"{bold} text-anchor="{anchor}" fill="{fill}"'
    return f"<text {place}>{escape(said)}</text>"


def corner(widget: Widget) -> tuple[int, int]:
    """Where a widget begins."""
    return UNIT * widget.x, HEAD + UNIT * widget.y


def frame(widget: Widget) -> list[str]:
    """A widget's frame and its title."""
    left, top = corner(widget)
    size = f'width="{UNIT * widget.width - 2 * MARGIN}" height="{UNIT * widget.height - 2 * MARGIN}"'
    return [
        f'<rect x="{left + MARGIN}" y="{top + MARGIN}" {size} rx="3" fill="#ffffff" stroke="{GRID}"/>',
        text(left + 15, top + 26, widget.title, size=13, weight="bold"),
    ]


def alarms(widget: Widget, states: dict[str, str]) -> Iterator[str]:
    """Each alarm's name and state."""
    left, top = corner(widget)
    step = (UNIT * widget.width - 2 * MARGIN) / len(widget.alarms)
    for place, arn in enumerate(widget.alarms):
        x, y, fill = left + 15 + place * step, top + 38, STATES[states[arn]]
        yield f'<rect x="{x:g}" y="{y}" width="10" height="30" rx="2" fill="{fill}"/>'
        yield text(x + 17, y + 11, alarm_name(arn).removesuffix("Alarm"), size=11)  # the title says "Alarms"
        yield text(x + 17, y + 27, states[arn].replace("_", " ").lower(), size=11, fill=fill)


def alarm_name(arn: str) -> str:
    """The alarm's name in the template, which is in the middle of the one that CloudFormation gives it."""
    return arn.rpartition(":")[2].removeprefix(f"{STACK}-").rpartition("-")[0]


@dataclass(frozen=True)
class Plot:
    """The rectangle of a graph: where a point of a series lies in it."""

    left: float
    top: float
    width: float
    height: float
    periods: int
    most: float

    def x(self, place: int) -> float:
        """Of the middle of a period."""
        return self.left + self.width * (place + 0.5) / self.periods

    def y(self, value: float) -> float:
        """Of a value."""
        return self.top + self.height * (1 - value / self.most)


def graph(widget: Widget, found: dict[str, Any]) -> Iterator[str]:
    """A widget's axes, its lines and its legend."""
    values: list[Values] = [found["values"][widget.title][each.label] for each in widget.series]
    left, top = corner(widget)
    rows = -(-len(widget.series) // 2)
    ticks = scale(max((value for each in values for value in each if value is not None), default=0))
    plot = Plot(
        left=left + LEFT,
        top=top + TOP,
        width=UNIT * widget.width - LEFT - RIGHT,
        height=UNIT * widget.height - TOP - 44 - rows * LINE,
        periods=len(values[0]),
        most=ticks[-1],
    )
    yield from axes(plot, ticks, seconds(found))
    for place, (series, each) in enumerate(zip(widget.series, values, strict=True)):
        yield from line(plot, each, colour(series, place), RADII[min(place, 2)])
    legend_top = top + UNIT * widget.height - 16 - (rows - 1) * LINE
    for place, (series, each) in enumerate(zip(widget.series, values, strict=True)):
        x = left + 15 + (place % 2) * UNIT * widget.width / 2
        yield from legend(x, legend_top + place // 2 * LINE, series, colour(series, place), is_empty=not any_of(each))


def any_of(values: Values) -> bool:
    """Whether anything was sent."""
    return any(value is not None for value in values)


def colour(series: Series, place: int) -> str:
    """A series' colour."""
    return series.colour or COLOURS[place % len(COLOURS)]


def scale(most: float) -> list[float]:
    """The marks of an axis, from 0 to what is above all values: whole numbers, at most five."""
    step = next(size * 10**power for power in range(9) for size in (1, 2, 5) if size * 10**power * 4 >= most)
    return [step * mark for mark in range(max(1, -(-int(-(-most // 1)) // step)) + 1)]


def axes(plot: Plot, ticks: list[float], total: int) -> Iterator[str]:
    """The marks on both axes: values, and minutes."""
    for tick in ticks:
        y = plot.y(tick)
        yield f'<path d="M{plot.left:g} {y:.1f}h{plot.width:g}" stroke="{GRID}"/>'
        yield text(plot.left - 6, y + 4, f"{tick:g}", size=11, anchor="end", fill=FAINT)
    last = total // 60
    for minute in range(last + 1):
        x = plot.left + plot.width * minute * 60 / total
        said = f"{minute} min" if minute == last else f"{minute}"
        yield text(x, plot.top + plot.height + 16, said, size=11, anchor="middle", fill=FAINT)


def line(plot: Plot, values: Values, stroke: str, radius: float) -> Iterator[str]:
    """A series: a point for each period that has a value, and a line where they follow each other."""
    points = [(plot.x(place), plot.y(value)) if value is not None else None for place, value in enumerate(values)]
    for is_there, run in groupby(points, key=lambda point: point is not None):
        path = " ".join(f"{point[0]:.1f},{point[1]:.1f}" for point in run if point)
        if is_there and " " in path:
            yield f'<polyline points="{path}" fill="none" stroke="{stroke}" stroke-width="2"/>'
    for point in points:
        if point:
            yield f'<circle cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="{radius}" fill="{stroke}"/>'


def legend(x: float, y: float, series: Series, fill: str, *, is_empty: bool) -> Iterator[str]:
    """A series' colour and label, which is grey if nothing was sent."""
    yield f'<rect x="{x:g}" y="{y - 9}" width="10" height="10" rx="2" fill="{GRID if is_empty else fill}"/>'
    yield text(x + 15, y, series.label, size=11, fill=FAINT if is_empty else INK)
