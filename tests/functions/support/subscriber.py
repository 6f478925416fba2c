"""The subscriber to an upload's end: machines get events from the default bus, people get mails from the topic."""

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from tests.functions.support.lambdas import deployed
from tests.support.wire import Wire

if TYPE_CHECKING:
    from mypy_boto3_sns.client import SNSClient

TOPIC = deployed().names["NewsTopic"]


@cache
def sns() -> "SNSClient":
    """The tests' own client."""
    return boto3.client("sns")


class Subscriber:
    """What was published and taken."""

    def __init__(self, wire: Wire) -> None:
        """Makes the topic and listens."""
        sns().create_topic(Name=TOPIC.rpartition(":")[2])
        self._wire = wire

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The entries that EventBridge took."""
        published = self._wire.answered("PutEvents")
        return [entry for asked, answer in published if not answer["FailedEntryCount"] for entry in asked["Entries"]]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The details of these events."""
        return [json.loads(entry["Detail"]) for entry in self.entries]

    @property
    def mails(self) -> list[dict[str, str]]:
        """The mails that SNS took for this stack's topic."""
        return [asked for asked, _ in self._wire.answered("Publish") if asked["TopicArn"] == TOPIC]

    @property
    def counts(self) -> tuple[int, int]:
        """How many events and how many mails there were."""
        return len(self.entries), len(self.mails)
