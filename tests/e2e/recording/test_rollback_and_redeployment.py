"""What operators do by hand: roll back, go on, deploy again."""

from local.emulator import Account
from local.pipeline import Pipeline, Upload, wait_for
from local.sam import STACK, deploy
from local.sources.samples import good
from tests.e2e.conftest import PARAMETERS
from tests.e2e.support.triggers import trigger
from tests.e2e.support.waiting import SECONDS


def test_a_rollback_stays_and_latest_follows_it_until_a_newer_upload(pipeline: Pipeline, first: Upload) -> None:
    newer = pipeline.wait_until_recorded(pipeline.upload("newer.zip", good("before the rollback")), SECONDS)
    older = pipeline.image_of(first)
    assert older != newer
    pipeline.ssm.put_parameter(
        Name=pipeline.outputs["ParameterName"], Value=older, Description="Rolled back: 500s", Overwrite=True
    )
    wait_for("The move of latest", lambda: older.endswith(f"@{pipeline.images()['latest']}"), SECONDS)
    trigger(pipeline)
    assert pipeline.recorded() == older
    newest = pipeline.wait_until_recorded(pipeline.upload("newest.zip", good("after the rollback")), SECONDS)
    assert newest not in {older, newer}


def test_deploying_again_without_changes_changes_nothing(
    here: Account, pipeline: Pipeline, recorded_before: str
) -> None:
    cloudformation = pipeline.client("cloudformation")
    events = len(cloudformation.describe_stack_events(StackName=STACK)["StackEvents"])
    assert deploy(here, PARAMETERS) == pipeline.outputs
    assert len(cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]) == events
    assert pipeline.recorded() == recorded_before
