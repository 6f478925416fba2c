"""SQS: redrives dead letters, which the emulator doesn't support, and refuses events if the settings say so."""

import time
import uuid
from typing import Any

from ministack.services import cloudwatch, eventbridge, sqs

from local.cloud.shared.live_settings import settings
from local.cloud.shared.replacing import Function, replaces


def move(request: dict[str, Any], _url: str) -> dict[str, str]:
    """Moves all messages of a dead-letter queue at once, as new messages.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
    """
    source, destination = (sqs._queue_by_arn(request[name]) for name in ("SourceArn", "DestinationArn"))
    for message in source["messages"]:
        message |= {"receive_count": 0, "receipt_handle": None, "first_receive_at": None, "visible_at": time.time()}
    destination["messages"] += source["messages"]
    source["messages"] = []
    sqs.esm_wake.set()
    return {"TaskHandle": str(uuid.uuid4())}


sqs._HANDLERS["StartMessageMoveTask"] = move


@replaces(eventbridge, "_invoke_target")
def _(original: Function) -> Function:
    def invoke(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        """Delivers an event or, if the settings say so, only counts the failure."""
        if settings().event_deliveries:
            original(target, event, rule, view)
        else:
            cloudwatch.record_metric("AWS/Events", "FailedInvocations", 1.0, "Count", {"RuleName": rule["Name"]})

    return invoke
