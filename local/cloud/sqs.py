"""SQS: redrives dead letters, which the emulator doesn't support."""

import time
import uuid
from typing import Any

from ministack.services import sqs


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
