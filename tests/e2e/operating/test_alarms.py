"""Each alarm fires and clears, and says both on the alarms' topic.

The metrics are sent by hand, as no service sends its own here. And the local cloud takes all periods of an alarm for
one: how many of them count is in tests/template/monitoring/test_alarms.py.
"""

import json
import time
from typing import Any

import pytest

from local.pipeline import Pipeline, wait_for
from local.subscriber import Subscriber
from tests.e2e.support.uploads import SECONDS

ALARMS = [
    *("UploadDeadLettersAlarm", "TriggerDeadLettersAlarm", "WaitingUploadsAlarm", "NeedsAttentionAlarm"),
    *("NeedsRepairAlarm", "StartBuildErrorsAlarm", "RecordImageErrorsAlarm"),
]
LEFT = 6  # seconds for which a datum still counts


def alarm_of(pipeline: Pipeline, name: str) -> dict[str, Any]:
    """The alarm as CloudWatch has it."""
    client = pipeline.client("cloudwatch")
    (alarm,) = client.describe_alarms(AlarmNames=[pipeline.physical(name)])["MetricAlarms"]
    return dict(alarm)


def send(pipeline: Pipeline, alarm: dict[str, Any], value: float, age: float) -> None:
    """Sends a datum of the alarm's metric, as old as that."""
    datum = {"MetricName": alarm["MetricName"], "Dimensions": alarm["Dimensions"], "Value": value}
    pipeline.client("cloudwatch").put_metric_data(
        Namespace=alarm["Namespace"], MetricData=[datum | {"Timestamp": time.time() - age}]
    )


def said(subscriber: Subscriber, alarm: dict[str, Any]) -> list[str]:
    """The states of which the alarms' topic has said that this alarm is in them."""
    subscriber.receive()
    topic = subscriber.pipeline.outputs["AlarmTopicArn"]
    messages = [json.loads(each["Message"]) for each in subscriber.received if each.get("TopicArn") == topic]
    return [each["NewStateValue"] for each in messages if each["AlarmName"] == alarm["AlarmName"]]


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_says_that_it_fires_and_that_it_clears(pipeline: Pipeline, subscriber: Subscriber, name: str) -> None:
    alarm = alarm_of(pipeline, name)
    window = alarm["Period"] * alarm["EvaluationPeriods"]

    def fire() -> bool:
        send(pipeline, alarm, 1, window - LEFT)
        return "ALARM" in said(subscriber, alarm)

    wait_for(f"The mail of {name}", fire, SECONDS)

    def clear() -> bool:
        send(pipeline, alarm, 0, 0)
        return bool(alarm_of(pipeline, name)["StateValue"] == "OK")

    wait_for(f"The end of {name}", clear, SECONDS)
    wait_for(f"The second mail of {name}", lambda: said(subscriber, alarm)[-1] == "OK", SECONDS)
