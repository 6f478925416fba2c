"""Each alarm fires and clears, and says both on the alarms' topic.

The metrics are sent by hand, as no service sends its own here. And the local cloud takes all periods of an alarm for
one: how many of them count is in tests/template/monitoring/test_alarms.py.
"""

import json
import time
from contextlib import suppress
from typing import Any

import pytest

from local.pipeline import Late, Pipeline, wait_for
from local.subscriber import Subscriber
from tests.e2e.support.waiting import SECONDS

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


@pytest.fixture(scope="module")
def states(pipeline: Pipeline, subscriber: Subscriber) -> dict[str, list[str]]:
    """The states that each alarm says, while its metric is first at 1 and then at 0; all alarms at once."""
    alarms = {name: alarm_of(pipeline, name) for name in ALARMS}

    def fire() -> bool:
        for alarm in alarms.values():
            send(pipeline, alarm, 1, alarm["Period"] * alarm["EvaluationPeriods"] - LEFT)
        return all("ALARM" in said(subscriber, alarm) for alarm in alarms.values())

    def clear() -> bool:
        for alarm in alarms.values():
            send(pipeline, alarm, 0, 0)
        return all(alarm_of(pipeline, name)["StateValue"] == "OK" for name in ALARMS)

    with suppress(Late):  # the tests name the alarms that say something else
        wait_for("The mails of all alarms", fire, SECONDS)
        wait_for("The end of all alarms", clear, SECONDS)
        wait_for(
            "The second mails", lambda: all(said(subscriber, each)[-1] == "OK" for each in alarms.values()), SECONDS
        )
    return {name: said(subscriber, alarm) for name, alarm in alarms.items()}


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_says_that_it_fires_and_that_it_clears(states: dict[str, list[str]], name: str) -> None:
    assert "ALARM" in states[name]
    assert states[name][-1] == "OK"
