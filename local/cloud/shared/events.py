"""Puts AWS events, in the shape of the files in events/, on the emulator's default bus."""

import json
from pathlib import Path
from typing import Any

from ministack.services import eventbridge

EVENTS = Path(__file__).resolve().parents[3] / "events"


def shape(name: str) -> dict[str, Any]:
    """A fresh copy of an event file."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


def emit(event: dict[str, Any]) -> None:
    """Puts the event on the bus. Callers of the API can't use a source of AWS."""
    entry = {
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Resources": event["resources"],
        "Detail": json.dumps(event["detail"]),
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
