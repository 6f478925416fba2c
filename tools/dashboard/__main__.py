"""`make picture`: runs the stack for some minutes, and draws its dashboard into docs/operating/dashboard.svg."""

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from local.deployment import deployment
from local.emulator import ROOT, Account
from local.exits import exit_code
from local.pipeline import Pipeline
from local.progress import say, step
from tools.dashboard import drawing, numbers
from tools.dashboard.numbers import Datum
from tools.dashboard.story import SECONDS, Story
from tools.dashboard.widgets import all_series, widgets

DOCS = ROOT / "docs" / "operating"
PERIOD = 20  # seconds; the template's is longer, and so are days


def main() -> int:
    """The exit code: 0 if the picture was drawn."""
    return exit_code(draw)


def draw() -> None:
    """Runs, and writes the numbers and the picture."""
    with deployment() as deployed:
        found = gathered(deployed.here, deployed.pipeline)
    (DOCS / "dashboard.json").write_text(json.dumps(found, indent=2) + "\n")
    (DOCS / "dashboard.svg").write_text(drawing.drawing(found))
    say("Written: docs/operating/dashboard.json and .svg")


def gathered(here: Account, pipeline: Pipeline) -> dict[str, Any]:
    """The dashboard as it is deployed, and the numbers of a run."""
    name = pipeline.outputs["DashboardName"]
    body = pipeline.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]
    shown = widgets(body)
    start = time.time()
    with step(f"Uploads for {SECONDS // 60} minutes"):
        data = [*happening(here, pipeline, body), *numbers.of_functions(pipeline)]
    alarms = pipeline.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "name": name,
        "period": PERIOD,
        "body": json.loads(body),
        "alarms": {alarm["AlarmArn"]: alarm["StateValue"] for alarm in alarms},
        "values": {
            widget.title: {
                each.label: numbers.by_period(each, data, start, PERIOD, SECONDS // PERIOD) for each in widget.series
            }
            for widget in shown
            if widget.series
        },
    }


def happening(here: Account, pipeline: Pipeline, body: str) -> Iterator[Datum]:
    """Has the story happen, and looks into the queues each second."""
    series = all_series(widgets(body))
    events = Story(here, pipeline).events
    start = time.monotonic()
    while (second := time.monotonic() - start) < SECONDS:
        while events and events[0][0] <= second:
            events.pop(0)[1]()
        yield from numbers.of_queues(pipeline, series, time.time())
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
