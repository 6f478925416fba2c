"""What has the example's service follow the parameter."""

import json

from tests.support.stack import ROOT, Stack, allowed, event, statements
from tests.template.support.ecs_templates import FOLDER, LOGGING
from tests.template.support.patterns import matches

SERVICE = "arn:aws:ecs:us-east-1:123456789012:service/jwt-pizza-service/jwt-pizza-service"
PARAMETERS = "arn:aws:ssm:us-east-1:123456789012:parameter/jwt-pizza-service"


def test_what_follows_may_do_exactly_this(following: Stack) -> None:
    assert allowed(following, "FollowRole") == {
        "Logs.Arn": LOGGING,
        "Queue.Arn": {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"},
        f"{PARAMETERS}/image-uri": {"ssm:GetParameter"},
        f"{PARAMETERS}/deployment": {"ssm:GetParameter", "ssm:PutParameter"},
        SERVICE: {
            "ecs:DescribeServices",
            "ecs:DescribeServiceRevisions",
            "ecs:ListServiceDeployments",
            "ecs:UpdateService",
        },
        f"{SERVICE.replace(':service/', ':service-revision/')}/*": {"ecs:DescribeServiceRevisions"},
        "*": {"ecs:DescribeTaskDefinition", "ecs:ListTasks", "ecs:RegisterTaskDefinition"},
        "arn:aws:ecs:us-east-1:123456789012:task-definition/jwt-pizza-service:*": {"ecs:TagResource"},
        "arn:aws:ecs:us-east-1:123456789012:task/jwt-pizza-service/*": {"ecs:DescribeTasks"},
        "TaskRoleArns": {"iam:PassRole"},
    }


def test_what_follows_may_read_the_service_s_own_log_if_it_is_given(following: Stack) -> None:
    stream = "arn:aws:logs:us-east-1:123456789012:log-group:the-service:log-stream:*"

    assert allowed(following.named(LogGroupName="the-service"), "FollowRole")[stream] == {"logs:GetLogEvents"}
    assert "logs:GetLogEvents" not in set[str]().union(*allowed(following, "FollowRole").values())


def test_it_lists_the_tasks_of_one_cluster_and_passes_roles_to_tasks_alone(following: Stack) -> None:
    conditions = {
        str(each["Action"]): each["Condition"] for each in statements(following, "FollowRole") if "Condition" in each
    }

    assert conditions == {
        "ecs:TagResource": {"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}},
        "ecs:ListTasks": {"ArnEquals": {"ecs:cluster": "arn:aws:ecs:us-east-1:123456789012:cluster/jwt-pizza-service"}},
        "iam:PassRole": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    }


def test_it_looks_after_recordings_changes_by_hand_and_deployments_that_ended(following: Stack) -> None:
    rules = {
        "image-recorded": "RecordedRule",
        "parameter-changed": "ChangedRule",
        "ecs/deployment-completed": "DeploymentRule",
        "ecs/deployment-failed": "DeploymentRule",
    }

    for name, rule in rules.items():
        patterns = {each: following.properties(each)["EventPattern"] for each in rules.values()}
        assert [each for each, pattern in patterns.items() if matches(pattern, event(name))] == [rule]
    assert following.properties("Schedule")["ScheduleExpression"] == "rate(5 minutes)"


def test_its_own_record_is_nothing_to_follow(following: Stack) -> None:
    recorded = event("parameter-changed")
    recorded["detail"]["name"] = "/jwt-pizza-service/deployment"

    assert following.properties("Ledger")["Name"] == recorded["detail"]["name"]
    assert not matches(following.properties("ChangedRule")["EventPattern"], recorded)


def test_the_first_record_says_that_nothing_was_deployed(following: Stack) -> None:
    ledger = following.properties("Ledger")

    assert json.loads(ledger["Value"]) == {"state": "new"}
    assert following.properties("Follow")["Environment"]["Variables"]["LEDGER"] == "Ledger"


def test_every_rule_may_send_to_the_queue(following: Stack) -> None:
    (statement,) = following.properties("QueuePolicy")["PolicyDocument"]["Statement"]

    assert set(statement["Condition"]["ArnEquals"]["aws:SourceArn"]) == {
        f"{rule}.Arn" for rule in following.all("AWS::Events::Rule")
    }


def test_a_deleted_parameter_is_nothing_to_follow(following: Stack) -> None:
    deleted = event("parameter-changed")
    deleted["detail"]["operation"] = "Delete"

    assert not matches(following.properties("ChangedRule")["EventPattern"], deleted)


def test_one_function_runs_at_a_time_and_what_it_cannot_handle_ends_in_a_queue_with_an_alarm(following: Stack) -> None:
    queue, function = following.properties("Queue"), following.properties("Follow")

    assert queue["FifoQueue"] is True
    assert {
        name: each["SqsParameters"]["MessageGroupId"]
        for name, rule in following.all("AWS::Events::Rule").items()
        for each in rule["Targets"]
    } == dict.fromkeys(("RecordedRule", "ChangedRule", "DeploymentRule", "Schedule"), "follow")
    (source,) = function["Events"].values()
    assert "FunctionResponseTypes" not in source["Properties"]  # a look that fails fails for the whole batch
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == "DeadLetters.Arn"
    assert following.properties("DeadLettersAlarm")["AlarmActions"] == ["NewsTopicArn"]


def test_the_function_s_code_is_there(following: Stack) -> None:
    function = following.properties("Follow")
    module, _, name = function["Handler"].partition(".")

    code = ROOT / FOLDER / function["CodeUri"] / f"{module}.py"

    assert f"\ndef {name}(" in code.read_text()
