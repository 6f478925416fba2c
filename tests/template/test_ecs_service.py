"""The example's templates: a service of ECS that runs the recorded image, and what has it follow the parameter."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.iam import narrows, resource_types
from tests.support.stack import ROOT, Stack, allowed, event, listed, statements
from tests.template.support.patterns import matches

FOLDER = Path("examples/ecs-service")
TEMPLATES = ["template.yaml", "auto-deploy.yaml"]
REPOSITORY = "arn:aws:ecr:us-east-1:123456789012:repository/jwt-pizza-service"
SERVICE = "arn:aws:ecs:us-east-1:123456789012:service/jwt-pizza-service/jwt-pizza-service"
LOGGING = {"logs:CreateLogStream", "logs:PutLogEvents"}


@pytest.fixture(scope="session")
def running() -> Stack:
    """The service's template."""
    return Stack.from_file(str(FOLDER / "template.yaml"))


@pytest.fixture(scope="session")
def following() -> Stack:
    """What follows the parameter, for the service of that template."""
    names = dict.fromkeys(("ServiceName", "ClusterName", "EcsServiceName", "TaskFamily"), "jwt-pizza-service")
    return Stack.from_file(str(FOLDER / "auto-deploy.yaml")).named(**names)


def document(name: str) -> Any:
    """A template as data."""
    return Stack.from_file(str(FOLDER / name)).document


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_parameter_explains_and_bounds_itself(name: str) -> None:
    for parameter, facts in document(name)["Parameters"].items():
        assert facts["Description"], parameter
        if not facts["Type"].startswith(("AWS::", "List<AWS::")):  # those CloudFormation checks by itself
            assert {"AllowedPattern", "AllowedValues", "MinLength", "MinValue"} & facts.keys(), parameter
            assert facts["ConstraintDescription"], parameter


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_default_is_accepted(name: str) -> None:
    for parameter, facts in document(name)["Parameters"].items():
        if "Default" in facts:
            default = facts["Default"]
            assert default in facts.get("AllowedValues", [default]), parameter
            assert re.fullmatch(facts.get("AllowedPattern", ".*"), str(default)), parameter


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_right_is_one_that_iam_knows_for_its_resource(name: str) -> None:
    stack = Stack.from_file(str(FOLDER / name))

    for role in stack.resources("AWS::IAM::Role").keys() - {"TaskRole"}:  # which has none
        for statement in statements(stack, role):
            resources = [each for each in listed(statement["Resource"]) if each.startswith("arn:")]
            for action in listed(statement["Action"]):
                assert resource_types(action), action
                assert all(narrows(resource, action) for resource in resources), action


def test_the_service_runs_what_the_parameter_names_on_arm64(running: Stack) -> None:
    assert running.document["Parameters"]["ImageUri"]["Type"] == "AWS::SSM::Parameter::Value<String>"
    definition = running.document["Resources"]["TaskDefinition"]["Properties"]
    assert definition["ContainerDefinitions"][0]["Image"] == {"Ref": "ImageUri"}
    assert definition["RuntimePlatform"] == {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"}


def test_a_deployment_whose_tasks_are_not_well_is_rolled_back_while_the_old_ones_answer(running: Stack) -> None:
    configuration = running.properties("Service")["DeploymentConfiguration"]

    assert configuration["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert configuration["MinimumHealthyPercent"] == 100
    assert "HealthCheck" in running.properties("TaskDefinition")["ContainerDefinitions"][0]


def test_the_execution_role_pulls_one_repository_and_writes_one_log(running: Stack) -> None:
    assert allowed(running, "ExecutionRole") == {
        "*": {"ecr:GetAuthorizationToken"},
        REPOSITORY: {"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
        "Logs.Arn": LOGGING,
    }


def test_the_program_may_do_nothing_at_aws(running: Stack) -> None:
    assert running.properties("TaskRole").keys() == {"AssumeRolePolicyDocument"}


def test_what_follows_may_do_exactly_this(following: Stack) -> None:
    assert allowed(following, "FollowRole") == {
        "Logs.Arn": LOGGING,
        "Queue.Arn": {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"},
        "arn:aws:ssm:us-east-1:123456789012:parameter/jwt-pizza-service/image-uri": {"ssm:GetParameter"},
        SERVICE: {"ecs:DescribeServices", "ecs:UpdateService"},
        "*": {"ecs:DescribeTaskDefinition", "ecs:ListTasks"},
        "arn:aws:ecs:us-east-1:123456789012:task-definition/jwt-pizza-service:*": {"ecs:RegisterTaskDefinition"},
        "arn:aws:ecs:us-east-1:123456789012:task/jwt-pizza-service/*": {"ecs:DescribeTasks"},
        "TaskRoleArns": {"iam:PassRole"},
        "NewsTopicArn": {"sns:Publish"},
    }


def test_it_lists_the_tasks_of_one_cluster_and_passes_roles_to_tasks_alone(following: Stack) -> None:
    conditions = {
        str(each["Action"]): each["Condition"] for each in statements(following, "FollowRole") if "Condition" in each
    }

    assert conditions == {
        "ecs:ListTasks": {"ArnEquals": {"ecs:cluster": "arn:aws:ecs:us-east-1:123456789012:cluster/jwt-pizza-service"}},
        "iam:PassRole": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    }


def test_it_follows_recordings_and_changes_by_hand_and_hears_of_deployments_that_failed(following: Stack) -> None:
    recorded = {
        "source": "source-to-ecr",
        "detail-type": "Image Recorded",
        "detail": {"service": "jwt-pizza-service"},
    }
    happened = {"recorded": recorded, "changed": event("parameter-changed"), "failed": event("deployment-failed")}
    rules = {"recorded": "RecordedRule", "changed": "ChangedRule", "failed": "FailedRule"}

    for name, rule in rules.items():
        pattern = following.properties(rule)["EventPattern"]
        assert [each for each, found in happened.items() if matches(pattern, found)] == [name]


def test_a_deleted_parameter_is_nothing_to_follow(following: Stack) -> None:
    deleted = event("parameter-changed")
    deleted["detail"]["operation"] = "Delete"

    assert not matches(following.properties("ChangedRule")["EventPattern"], deleted)


def test_one_change_is_followed_at_a_time_and_what_cannot_be_ends_in_a_queue_with_an_alarm(following: Stack) -> None:
    queue, function = following.properties("Queue"), following.properties("Follow")

    assert queue["FifoQueue"] is True
    assert {
        each["SqsParameters"]["MessageGroupId"]
        for rule in following.all("AWS::Events::Rule").values()
        for each in rule["Targets"]
    } == {"follow"}
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == "DeadLetters.Arn"
    assert following.properties("DeadLettersAlarm")["AlarmActions"] == ["NewsTopicArn"]


def test_the_function_is_the_file_beside_the_template(following: Stack) -> None:
    assert following.properties("Follow")["InlineCode"] == (ROOT / FOLDER / "auto_deploy.py").read_text(), (
        "Run `make recipe`"
    )
