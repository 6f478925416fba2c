"""An account in which nothing is wrong, until a test says so, and what the doctor finds in it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from core.recording.next_image import LATEST
from core.uploads import ObjectVersion
from ship.asked import Asked
from ship.aws.cloudformation import Stack
from ship.doctor import examine
from ship.doctor.findings import OK, PROBLEM
from ship.terminal import Terminal
from tests.support.wire import Wire
from tests.unit.ship.support.world import STACK, Capsys, World, hold, record

OLDER, TAG, NEWER = (f"build-20261120T12000{number}Z-0A-0000000{number}" for number in range(3))
QUEUES = {"uploads": STACK.upload_queue, "given-up": STACK.upload_dead_letters, "failed": STACK.trigger_dead_letters}
Findings = list[tuple[str, str]]
REFUSED = (
    "An error occurred (AccessDeniedException) when calling the PutParameter operation: User: "
    "arn:aws:sts::123456789012:assumed-role/the-role/session is not authorized to perform: ssm:PutParameter "
    "on resource: arn:aws:ssm:us-east-1:123456789012:parameter/p with an explicit deny in an identity-based policy"
)


@dataclass
class Account:
    """An account in which nothing is wrong: a high quota, empty queues, logs and metrics, and an image that is kept."""

    world: World
    wire: Wire
    capsys: Capsys

    def __post_init__(self) -> None:
        self.access = self.world.access
        for queue in QUEUES:
            self.access.sqs.create_queue(QueueName=queue)
        self.access.ecr.create_repository(repositoryName=STACK.repository)
        self.answers("ListServiceQuotas", quota(20))
        self.answers("DescribeAlarms", {"MetricAlarms": [alarm("a", "OK")]})
        self.answers("GetMetricData", {"MetricDataResults": []})
        self.answers("FilterLogEvents", {"events": []})
        record(self.access, TAG)
        hold(self.access, LATEST, image=TAG)

    def answers(self, operation: str, answer: dict[str, Any]) -> None:
        """Has AWS give another answer."""
        self.wire.heals(operation)
        self.wire.answers(operation, answer)

    def untags(self, tag: str) -> None:
        """Takes a tag from the image."""
        self.access.ecr.batch_delete_image(repositoryName=STACK.repository, imageIds=[{"imageTag": tag}])

    def queues(self, queue: str) -> None:
        """Has a message wait in a queue."""
        self.access.sqs.send_message(QueueUrl=QUEUES[queue], MessageBody="x")

    def builds(self, key: str, status: str = "", reason: str = "") -> ObjectVersion:
        """Has an upload with this status be the last one that was built."""
        version = self.world.upload(key)
        self.world.builds_it(version)
        if status:
            self.world.says(version, status, reason)
        return version

    def logs(self, *records: dict[str, Any], minutes: float = 1) -> None:
        """Has the functions' logs hold these records, all so many minutes old."""
        timestamp = int((datetime.now(UTC) - timedelta(minutes=minutes)).timestamp() * 1000)
        events = [{"timestamp": timestamp, "message": json.dumps(each)} for each in records]
        self.answers("FilterLogEvents", {"events": events})

    def printed(self, *, as_json: bool = False) -> str:
        """What the doctor prints."""
        examine(Asked(self.access, STACK), Terminal(), as_json=as_json)
        return self.capsys.readouterr().out

    def finds(self, stack: Stack = STACK) -> Findings:
        """The findings that aren't all right. The exit code and each problem's advice are checked."""
        code = examine(Asked(self.access, stack), Terminal(), as_json=True)
        findings = json.loads(self.capsys.readouterr().out)
        assert code == int(PROBLEM in [each["level"] for each in findings])
        assert all(each["toDo"] for each in findings if each["level"] == PROBLEM)
        return [(each["level"], each["what"]) for each in findings if each["level"] != OK]


def failing(message: str, said: str, **more: Any) -> dict[str, Any]:
    """A function's record of an error."""
    return {"level": "ERROR", "message": message, "function_request_id": "r", "stack_trace": {"value": said}, **more}


def waiting(version: ObjectVersion) -> dict[str, Any]:
    """StartBuild's record of an upload that waits."""
    return {"level": "WARNING", "message": "The build waits", **named(version)}


def named(version: ObjectVersion) -> dict[str, str]:
    """How a record names an upload."""
    return {"key": version.key, "version_id": version.version_id}


def quota(most: float) -> dict[str, Any]:
    """What Service Quotas says of builds at once."""
    return {"Quotas": [{"QuotaName": "Concurrently running builds for ARM/Small environment", "Value": most}]}


def alarm(name: str, state: str, topic: str = STACK.alarm_topic) -> dict[str, Any]:
    """An alarm as CloudWatch answers."""
    return {
        "AlarmName": f"source-to-ecr-{name}",
        "AlarmDescription": "Do this.",
        "AlarmActions": [topic],
        "StateValue": state,
        "StateUpdatedTimestamp": datetime(2026, 11, 20, 3, 0, tzinfo=UTC),
    }
