"""What a deployment gives to those who use it, and how it is deployed."""

import tomllib
from typing import Any

import pytest

from tests.support.stack import ROOT, Stack

CONFIG: dict[str, Any] = tomllib.loads((ROOT / "samconfig.toml").read_text())
CONFIRMED = {"default": True, "prod": True, "staging": False, "ci": False}


def test_the_outputs_name_what_users_and_operators_need(symbols: Stack) -> None:
    outputs = symbols.render(symbols.document["Outputs"])

    assert {name: each["Value"] for name, each in outputs.items()} == {
        "SourceBucketName": "SourceBucket",
        "RepositoryUri": "Repository.RepositoryUri",
        "ParameterName": "/jwt-pizza-service/image-uri",
        "DeploymentParameterName": "/jwt-pizza-service/deployment",
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


def test_these_are_the_environments() -> None:
    assert {name for name, each in CONFIG.items() if isinstance(each, dict)} == {*CONFIRMED}


@pytest.mark.parametrize("environment", CONFIRMED)
def test_every_environment_grants_what_the_template_needs_and_a_person_confirms_some(environment: str) -> None:
    deploy = CONFIG[environment]["deploy"]["parameters"]

    assert deploy["capabilities"] == "CAPABILITY_IAM"
    assert deploy["stack_name"]
    assert deploy["resolve_s3"] is True
    assert deploy["fail_on_empty_changeset"] is False
    assert deploy["confirm_changeset"] is CONFIRMED[environment]
