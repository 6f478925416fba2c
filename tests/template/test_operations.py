"""What a deployment gives to those who use it, and how it is deployed."""

import tomllib
from typing import Any

import pytest

from tests.support.stack import ROOT, Stack

CONFIG: dict[str, Any] = tomllib.loads((ROOT / "samconfig.toml").read_text())
ENVIRONMENTS = [name for name, each in CONFIG.items() if isinstance(each, dict)]


def test_the_outputs_name_what_users_and_operators_need(symbols: Stack) -> None:
    outputs = symbols.render(symbols.document["Outputs"])

    assert {name: each["Value"] for name, each in outputs.items()} == {
        "SourceBucketName": "SourceBucket",
        "RepositoryUri": "Repository.RepositoryUri",
        "ParameterName": "/jwt-pizza-service/image-uri",
        "ProjectName": "ImageBuild",
        "NewsTopicArn": "NewsTopic",
        "AlarmTopicArn": "AlarmTopic",
        "UploaderPolicyArn": "UploaderPolicy",
        "FollowerPolicyArn": "FollowerPolicy",
        "RollbackPolicyArn": "RollbackPolicy",
        "DashboardName": "ServiceDashboard",
        "UploadQueueUrl": "UploadQueue",
        "UploadDeadLettersUrl": "UploadDeadLetters",
        "TriggerDeadLettersUrl": "TriggerDeadLetters",
        "StartBuildFunction": "StartBuild",
        "StartBuildLogGroup": "StartBuildLogs",
        "RecordImageFunction": "RecordImage",
        "RecordImageLogGroup": "RecordImageLogs",
        "BuildLogGroup": "ImageBuildLogs",
    }
    for output in outputs.values():
        assert output["Description"]


def test_the_exported_name_is_the_parameter_that_record_image_writes(stack: Stack) -> None:
    output = stack.render(stack.document["Outputs"]["ParameterName"])

    assert output["Value"] == stack.function("RecordImage")["Environment"]["Variables"]["PARAMETER"]


def test_deploying_without_a_file_of_ones_own_has_defaults() -> None:
    assert "default" in ENVIRONMENTS


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_environment_grants_what_the_template_needs(environment: str) -> None:
    deploy = CONFIG[environment]["deploy"]["parameters"]

    assert deploy["capabilities"] == "CAPABILITY_IAM"
    assert deploy["stack_name"]
    assert deploy["resolve_s3"] is True
    assert deploy["fail_on_empty_changeset"] is False


@pytest.mark.parametrize(
    ("environment", "is_confirmed"), [("default", True), ("prod", True), ("staging", False), ("ci", False)]
)
def test_a_person_confirms_what_will_change_but_in_ci_and_staging(environment: str, is_confirmed: bool) -> None:
    assert CONFIG[environment]["deploy"]["parameters"]["confirm_changeset"] is is_confirmed
