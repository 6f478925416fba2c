"""A queue at the default event bus, and how an event compares with a file of events/."""

import json
from dataclasses import dataclass, field
from typing import Any

from local.emulator import ROOT
from local.pipeline import Pipeline, wait_for
from tests.support.waiting import PATIENCE


@dataclass
class Inbox:
    """Gets the events that its pattern selects."""

    cloud: Pipeline
    name: str
    url: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    """All that have arrived, in the order of their arrival."""

    def open(self, pattern: dict[str, Any]) -> None:
        """Begins to get events."""
        sqs, bus = self.cloud.client("sqs"), self.cloud.client("events")
        self.url = sqs.create_queue(QueueName=self.name)["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]
        bus.put_rule(Name=self.name, EventPattern=json.dumps(pattern))
        bus.put_targets(Rule=self.name, Targets=[{"Id": "inbox", "Arn": attributes["QueueArn"]}])

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        """The events, when so many have arrived."""
        sqs = self.cloud.client("sqs")

        def look() -> bool:
            messages = sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
            for message in messages:
                self.events.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            return len(self.events) >= count

        wait_for(f"The arrival of {count} events", look, PATIENCE)
        return self.events

    def close(self) -> None:
        """Gets no more events."""
        bus = self.cloud.client("events")
        bus.remove_targets(Rule=self.name, Ids=["inbox"])
        bus.delete_rule(Name=self.name)
        self.cloud.client("sqs").delete_queue(QueueUrl=self.url)


def sample(name: str) -> dict[str, Any]:
    """One of the files in events/."""
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text())
    return event


def differences(found: Any, known: Any, path: str = "") -> list[str]:
    """Where something differs from a sample in its keys or in a value's type; each of a list's is like one of its."""
    match found, known:
        case dict(), dict():
            lacking = [f"{path}.{key} is missing" for key in known.keys() - found.keys()]
            unknown = [f"{path}.{key} is unknown" for key in found.keys() - known.keys()]
            both = found.keys() & known.keys()
            return (
                lacking
                + unknown
                + [each for key in both for each in differences(found[key], known[key], path + f".{key}")]
            )
        case list(), list():
            alike = [min((differences(each, one, f"{path}[]") for one in known), key=len, default=[]) for each in found]
            return [each for some in alike for each in some]
        case _ if type(found) is not type(known):
            return [f"{path} is a {type(found).__name__}, not a {type(known).__name__}"]
    return []
