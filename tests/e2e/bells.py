"""RecordImage's bell, rung by hand."""

from local.account import ROOT
from local.pipeline import Pipeline
from tests.e2e.operators import physical


def ring(pipeline: Pipeline) -> None:
    """Has RecordImage look once more, and returns when it has."""
    answer = pipeline.client("lambda").invoke(
        FunctionName=physical(pipeline, "RecordImage"), Payload=(ROOT / "events" / "build-queue.json").read_bytes()
    )
    if "FunctionError" in answer:
        raise RuntimeError(answer["Payload"].read().decode())
