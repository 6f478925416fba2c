"""RecordImage's triggers, given by hand."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from local.cloud.shared.live_settings import Settings
from local.emulator import ROOT, Account
from local.pipeline import Pipeline


def trigger(pipeline: Pipeline) -> None:
    """Has RecordImage look once more, and returns when it has."""
    answer = pipeline.client("lambda").invoke(
        FunctionName=pipeline.physical("RecordImage"), Payload=(ROOT / "events" / "trigger-queue.json").read_bytes()
    )
    if "FunctionError" in answer:
        raise RuntimeError(answer["Payload"].read().decode())


def trigger_schedule(pipeline: Pipeline) -> None:
    """Puts the schedule's trigger into the queue."""
    event = json.loads((ROOT / "events" / "schedule.json").read_text())
    pipeline.client("sqs").send_message(
        QueueUrl=pipeline.physical("TriggerQueue"),
        MessageBody=json.dumps(event | {"id": str(uuid.uuid4())}),  # equal bodies within five minutes are one message
        MessageGroupId="record",
    )


@contextmanager
def without_build_events(here: Account) -> Iterator[None]:
    """CodeBuild sends no events of builds' ends while this lasts."""
    here.set(Settings(build_events=False))
    try:
        yield
    finally:
        here.set(Settings())
