"""`make picture`: runs the stack in the local cloud, and draws its dashboard into docs/operating/dashboard.svg."""

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from local.cloud.shared.live_settings import Settings
from local.deployment import Deployment, deployment
from local.emulator import ROOT
from local.exits import exit_code
from local.progress import say, step
from local.sources.zipping import zip_of
from tools.dashboard import drawing, numbers
from tools.dashboard.widgets import Series, all_series, widgets

TARGET = ROOT / "docs" / "operating" / "dashboard.svg"
PERIOD, PERIODS = 20, 21
"""Seconds per value, and values. The template's periods are longer."""
STORY = """
5 hello, 25 hello, 40 broken, 55 no-zip, 65 hello, 68 hello, 85 hello, 105 hello, 120 quota 0, 122 hello, 124 broken,
142 quota 20, 145 hello, 165 hello, 185 emails Deny, 187 hello, 200 broken, 215 emails Allow, 220 hello, 240 no-zip,
245 no-zip, 255 hello, 265 hello, 290 hello, 325 hello, 345 broken, 365 hello, 385 hello"""
"""The events of the run: the second at which each happens, and what it is."""


def main() -> int:
    """Draws the picture. Returns the exit code."""
    return exit_code(draw)


def draw() -> None:
    """Runs the stack, and writes the numbers and the picture."""
    with deployment() as deployed:
        found = gathered(deployed)
    TARGET.with_suffix(".json").write_text(json.dumps(found, indent=2) + "\n")
    TARGET.write_text(drawing.drawing(found))
    say("Written: docs/operating/dashboard.json and .svg")


def gathered(deployed: Deployment) -> dict[str, Any]:
    """The dashboard as it is deployed, and the numbers of a run."""
    pipeline, minutes = deployed.pipeline, PERIOD * PERIODS // 60
    name, start = pipeline.outputs["DashboardName"], time.time()
    body = pipeline.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]
    shown = widgets(body)
    with step(f"Uploads for {minutes} minutes"):
        data = [*run(deployed, all_series(shown)), *numbers.of_functions(pipeline)]
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "minutes": minutes,
        "name": name,
        "body": json.loads(body),
        "values": {
            widget.title: {each.label: numbers.by_period(each, data, start, PERIOD, PERIODS) for each in widget.series}
            for widget in shown
            if widget.series
        },
    }


def run(deployed: Deployment, shown: list[Series]) -> Iterator[numbers.Datum]:
    """Has the story happen, and looks into the queues each second."""
    start = time.monotonic()
    events = [event.split() for event in STORY.split(",")]
    while (second := time.monotonic() - start) < PERIOD * PERIODS:
        while events and int(events[0][0]) <= second:
            _, what, *how = events.pop(0)
            happen(deployed, what, *how)
        yield from numbers.of_queues(deployed.pipeline, shown, time.time())
        time.sleep(1)


def happen(deployed: Deployment, what: str, how: str = "") -> None:
    """Has one event of the story happen: an upload, or a change of the quota or of RecordImage's permissions."""
    pipeline = deployed.pipeline
    if what == "quota":
        deployed.here.set(Settings(concurrent_builds=int(how)))
    elif what == "emails":
        statement = {"Effect": how, "Action": "sns:Publish", "Resource": "*"}
        pipeline.client("iam").put_role_policy(
            RoleName=pipeline.physical("RecordImageRole"),
            PolicyName="emails",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
    else:
        source = zip_of(ROOT / "examples" / what) if what != "no-zip" else b"no zip"
        pipeline.upload(f"{what}.zip", source)


if __name__ == "__main__":
    sys.exit(main())
