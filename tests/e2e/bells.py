"""RecordImage's bell, rung by hand."""

from local.account import ROOT
from local.pipeline import Pipeline
from local.stack import STACK


def ring(pipeline: Pipeline) -> None:
    """Has RecordImage look once more, and returns when it has."""
    cloudformation = pipeline.client("cloudformation")
    function = cloudformation.describe_stack_resource(StackName=STACK, LogicalResourceId="RecordImage")
    answer = pipeline.client("lambda").invoke(
        FunctionName=function["StackResourceDetail"]["PhysicalResourceId"],
        Payload=(ROOT / "events" / "build-queue.json").read_bytes(),
    )
    if "FunctionError" in answer:
        raise RuntimeError(answer["Payload"].read().decode())
