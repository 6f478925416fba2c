"""SQS: redriving dead letters to a queue, which the emulator doesn't know."""

import time
import uuid
from typing import Any

from ministack.services import sqs


def move(request: dict[str, Any], _url: str) -> dict[str, str]:
    """Moves all messages of a dead letter queue at once, as if each were new.

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
