"""Receives what the stack publishes: events from the bus and emails from both topics, in one queue."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.pipeline import Pipeline, Upload, wait_for

NAME = "subscriber"
SECONDS = 900.0  # for a build and its recording, at most


@dataclass(frozen=True)
class Subscriber:
    """A queue subscribed to everything, and the messages received from it."""

    pipeline: Pipeline
    queue: str
    received: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def at(cls, pipeline: Pipeline) -> "Subscriber":
        """Subscribes a new queue to the bus and to both topics."""
        sqs, sns, events = (pipeline.client(name) for name in ("sqs", "sns", "events"))
        url = sqs.create_queue(QueueName=NAME)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        services = {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]}
        statement = {"Effect": "Allow", "Principal": services, "Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        for topic in ("NewsTopicArn", "AlarmTopicArn"):
            sns.subscribe(TopicArn=pipeline.outputs[topic], Protocol="sqs", Endpoint=arn)
        events.put_rule(Name=NAME, EventPattern=json.dumps({"source": ["source-to-ecr"]}))
        events.put_targets(Rule=NAME, Targets=[{"Id": NAME, "Arn": arn}])
        return cls(pipeline, url)

    def receive(self) -> None:
        """Receives the messages that have arrived."""
        sqs = self.pipeline.client("sqs")
        while messages := sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.received.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])

    def events(self, upload: Upload) -> list[dict[str, Any]]:
        """The events about an upload so far."""
        self.receive()
        ours = [each for each in self.received if each.get("source") == "source-to-ecr"]
        return [each for each in ours if each["detail"]["versionId"] == upload.version]

    def mails(self, upload: Upload) -> list[dict[str, Any]]:
        """The emails about an upload so far."""
        self.receive()
        mails = [each for each in self.received if each.get("Type") == "Notification"]
        return [each for each in mails if f"versionId: {upload.version}\n" in each["Message"]]

    def wait_for_event(self, upload: Upload) -> dict[str, Any]:
        """Waits for the first event about an upload and returns it."""
        return self._first(f"The event about {upload.key}", lambda: self.events(upload))

    def wait_for_mail(self, upload: Upload) -> dict[str, Any]:
        """Waits for the first email about an upload and returns it."""
        return self._first(f"The email about {upload.key}", lambda: self.mails(upload))

    @staticmethod
    def _first(what: str, look: Callable[[], list[dict[str, Any]]]) -> dict[str, Any]:
        return wait_for(what, look, SECONDS)[0]
