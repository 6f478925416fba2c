"""`ship` agrees with the template where it can't ask the stack."""

from dataclasses import fields
from datetime import UTC, datetime

import typer.main

from aws.metrics import NEEDS_ATTENTION, NEEDS_REPAIR
from ship.aws import cloudformation
from ship.aws.cloudformation import DESCRIPTION
from ship.cli import app
from ship.doctor import function_checks
from ship.uploads.patience import FOLLOWED
from tests.support.stack import Stack


def test_what_ship_follows_it_follows_as_long_as_an_upload_waits_for_its_build(stack: Stack) -> None:
    queue = stack.document["Resources"]["UploadQueue"]["Properties"]
    waits = queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"]

    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    defaults = {
        parameter.default * 60
        for command in verbs.values()
        for parameter in command.params
        if parameter.name == "timeout"
    }
    assert {FOLLOWED, *defaults} == {waits}


def test_ship_knows_a_stack_by_the_templates_description(stack: Stack) -> None:
    assert stack.document["Description"].startswith(DESCRIPTION)


def test_ship_reads_outputs_and_parameters_that_the_template_has(stack: Stack) -> None:
    values = dict.fromkeys(stack.document["Parameters"], "x") | {"MaxSourceMiB": "7", "DockerHubMirror": ""}
    found = cloudformation.Stack.from_answer(
        {
            "StackName": "a-stack",
            "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/a-stack/1",
            "StackStatus": "CREATE_COMPLETE",
            "CreationTime": datetime.now(UTC),
            "Outputs": [{"OutputKey": each, "OutputValue": each} for each in stack.document["Outputs"]],
            "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()],
        }
    )

    assert found
    assert [field.name for field in fields(found) if getattr(found, field.name) in {"", None, field.default}] == []


def test_the_doctor_reads_the_functions_metrics(stack: Stack) -> None:
    variables = stack.function("StartBuild")["Environment"]["Variables"]

    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == function_checks.NAMESPACE
    assert (function_checks.RETRIED, function_checks.NOT_RETRIED) == (NEEDS_ATTENTION, NEEDS_REPAIR)
