"""ECS's events about the deployments of the run's service, in a queue of the run's own."""

import json
from dataclasses import dataclass, field
from typing import Any

from ship.aws.access import Access
from verify.run import TAG, Run


@dataclass(frozen=True)
class DeploymentEvents:
    """The queue, and the events received from it."""

    access: Access
    url: str
    received: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def subscribed(cls, access: Access, run: Run) -> "DeploymentEvents":
        """Has a rule send the events to a queue. Both have the run's tag."""
        region = run.region
        service = f"service/{run.service}/{run.service}"
        pattern = {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Deployment State Change"],
            "resources": [
                f"arn:{access.session.get_partition_for_region(region)}:ecs:{region}:{run.account}:{service}"
            ],
        }
        events, name = access.session.client("events"), run.events
        url = access.sqs.create_queue(QueueName=name, tags={TAG: run.id})["QueueUrl"]
        arn = access.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        rule = events.put_rule(Name=name, EventPattern=json.dumps(pattern), Tags=[{"Key": TAG, "Value": run.id}])[
            "RuleArn"
        ]
        statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
        statement |= {"Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": rule}}}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        access.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        events.put_targets(Rule=name, Targets=[{"Id": name, "Arn": arn}])
        return cls(access, url)

    def first(self, name: str) -> dict[str, Any] | None:
        """The detail of the first event of this name, once it has arrived."""
        while messages := self.access.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.received.append(json.loads(message["Body"])["detail"])
                self.access.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return next((each for each in self.received if each["eventName"] == name), None)
