"""docs/operating/dashboard.svg: the dashboard's widgets in their places, with the numbers of a run as bars."""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from local.sam import STACK
from tools.dashboard.widgets import Widget, widgets

UNIT, HEAD = 40, 44
"""Pixels: of a column and of a row of the grid, and of the picture's own title."""
LEFT, RIGHT, TOP = 145, 62, 36
"""Pixels around a widget's bars."""
INK, FAINT, FRAME = "#16191f", "#687078", "#e3e6ea"
# The colors that CloudWatch gives to series without one, in this order.
COLORS = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"]


def drawing(found: dict[str, Any]) -> str:
    """The picture as SVG."""
    shown = widgets(json.dumps(found["body"]))
    width = UNIT * max(each.x + each.width for each in shown)
    height = HEAD + UNIT * max(each.y + each.height for each in shown) + 5
    said = f"{found['minutes']} minutes of the local cloud on {found['date']}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
        f'<rect width="{width}" height="{height}" fill="#f2f3f3"/>',
        text(10, 28, found["name"], size=17, weight="bold"),
        text(width - 10, 28, f"{said}, from left to right. On the right the highest value.", anchor="end", fill=FAINT),
    ]
    for widget in shown:
        size = f'width="{UNIT * widget.width - 10}" height="{UNIT * widget.height - 10}"'
        lines += [
            f'<g transform="translate({UNIT * widget.x} {HEAD + UNIT * widget.y})">',
            f'<rect x="5" y="5" {size} rx="3" fill="#ffffff" stroke="{FRAME}"/>',
            text(15, 26, widget.title, size=13, weight="bold"),
            text(15, 55, " · ".join(alarm_name(arn).removesuffix("Alarm") for arn in widget.alarms), fill=FAINT),
            *bars(widget, found["values"].get(widget.title, {})),
            "</g>",
        ]
    return "\n".join([*lines, "</svg>\n"])


def text(
    x: float, y: float, said: str, *, size: int = 11, anchor: str = "start", fill: str = INK, weight: str = "normal"
) -> str:
    """One line of text."""
    look = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="{fill}"'
    return f'<text x="{x:g}" y="{y:g}" {look}>{escape(said)}</text>'


def alarm_name(arn: str) -> str:
    """The alarm's name in the template, which is in the middle of the one that CloudFormation gives it."""
    return arn.rpartition(":")[2].removeprefix(f"{STACK}-").rpartition("-")[0]


def bars(widget: Widget, found: dict[str, list[float | None]]) -> Iterator[str]:
    """A row for each series: its label, its bars, its highest value. All series of a widget have the same scale."""
    highest = max((value or 0 for values in found.values() for value in values), default=0) or 1
    for row, series in enumerate(widget.series):
        values, color = found[series.label], series.color or COLORS[row % len(COLORS)]
        height = (UNIT * widget.height - TOP - 12) / len(widget.series)
        width, bottom = (UNIT * widget.width - LEFT - RIGHT) / len(values), TOP + height * (row + 1)
        sent = [(LEFT + width * period, value) for period, value in enumerate(values) if value is not None]
        yield text(15, bottom - 2, series.label, fill=INK if sent else FAINT)
        for x, value in sent:
            size = max(1, (height - 4) * value / highest)  # a zero is seen as well
            place = f'x="{x:.1f}" y="{bottom - size:.1f}"'
            yield f'<rect {place} width="{width - 1:.1f}" height="{size:.1f}" fill="{color}"/>'
        most = f"{max(value for _, value in sent):.3g}" if sent else "no data"
        yield text(UNIT * widget.width - RIGHT + 3, bottom - 2, most, fill=FAINT)
