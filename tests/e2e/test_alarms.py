"""Each alarm fires, is mailed by the topic, and clears. The metrics are sent by hand: no service sends its own here."""

import json
import time
from typing import Any

import pytest

from local.pipeline import Pipeline, wait_for
from tests.e2e.support.operators import physical
from tests.e2e.support.subscriber import Subscriber
from tests.e2e.support.uploads import SECONDS

ALARMS = ["UploadDeadLettersAlarm", "TriggerDeadLettersAlarm", "WaitingUploadsAlarm", "FailedBuildsAlarm"]
LEFT = 6  # seconds for which a datum still counts


def alarm_of(pipeline: Pipeline, name: str) -> dict[str, Any]:
    """The alarm as CloudWatch has it."""
    client = pipeline.client("cloudwatch")
    (alarm,) = client.describe_alarms(AlarmNames=[physical(pipeline, name)])["MetricAlarms"]
    return dict(alarm)


def send(pipeline: Pipeline, alarm: dict[str, Any], value: float, age: float) -> None:
    """Sends a datum of the alarm's metric, as old as that."""
    datum = {"MetricName": alarm["MetricName"], "Dimensions": alarm["Dimensions"], "Value": value}
    pipeline.client("cloudwatch").put_metric_data(
        Namespace=alarm["Namespace"], MetricData=[datum | {"Timestamp": time.time() - age}]
    )


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_fires_is_mailed_and_clears(pipeline: Pipeline, subscriber: Subscriber, name: str) -> None:
    alarm = alarm_of(pipeline, name)
    window = alarm["Period"] * alarm["EvaluationPeriods"]
    send(pipeline, alarm, 1, window - LEFT)

    def mail() -> dict[str, Any] | None:
        subscriber.receive()
        said = [
            each
            for each in subscriber.received
            if each.get("Type") == "Notification" and alarm["AlarmName"] in each["Message"]
        ]
        return next((each for each in said if json.loads(each["Message"])["NewStateValue"] == "ALARM"), None)

    wait_for(f"The mail of {name}", mail, SECONDS)

    def clear() -> bool:
        send(pipeline, alarm, 0, 0)
        return bool(alarm_of(pipeline, name)["StateValue"] == "OK")

    wait_for(f"The end of {name}", clear, SECONDS)
