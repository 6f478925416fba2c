"""Logs, alarms and mail: who learns what went wrong."""

import re
from typing import Any

import pytest

from tests.support.stack import Stack, allowed

MAILS = {"NewsMail": "NewsTopic", "AlarmMail": "AlarmTopic"}


def alarms_on(stack: Stack, name: str, value: str) -> list[Any]:
    dimension = [{"Name": name, "Value": value}]
    return [each for each in stack.all("AWS::CloudWatch::Alarm").values() if each["Dimensions"] == dimension]


# Logs


def test_every_function_and_the_project_log_to_a_group_of_their_own_that_forgets(symbols: Stack) -> None:
    groups = {name: each["LoggingConfig"]["LogGroup"] for name, each in symbols.functions().items()}
    project = symbols.properties("ImageBuild")["LogsConfig"]["CloudWatchLogs"]
    groups["ImageBuild"] = project["GroupName"]

    assert project["Status"] == "ENABLED"
    assert groups == {name: f"{name}Logs" for name in ("StartBuild", "RecordImage", "ImageBuild")}
    assert set(groups.values()) == set(symbols.resources("AWS::Logs::LogGroup"))
    assert {each["RetentionInDays"] for each in symbols.all("AWS::Logs::LogGroup").values()} == {90}
    assert {each["LoggingConfig"]["LogFormat"] for each in symbols.functions().values()} == {"JSON"}


# Alarms


def test_every_dead_letter_queue_has_an_alarm(stack: Stack) -> None:
    letters = {
        queue["RedrivePolicy"]["deadLetterTargetArn"].removesuffix(".Arn")
        for queue in stack.all("AWS::SQS::Queue").values()
        if "RedrivePolicy" in queue
    }

    assert letters == {"UploadDeadLetters", "TriggerDeadLetters"}
    for queue in letters:
        (alarm,) = alarms_on(stack, "QueueName", f"{queue}.QueueName")

        assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
        assert (alarm["Statistic"], alarm["Period"], alarm["EvaluationPeriods"]) == ("Maximum", 5 * 60, 1)


@pytest.mark.parametrize(
    ("name", "metric", "period", "periods", "breaching"),
    [
        pytest.param(
            "WaitingUploadsAlarm", "BuildWaiting", 15 * 60, 4, 4, id="four quarters of an hour without a build"
        ),
        pytest.param(
            "NeedsAttentionAlarm", "NeedsAttention", 5 * 60, 9, 2, id="twice within three quarters of an hour"
        ),
        pytest.param("NeedsRepairAlarm", "NeedsRepair", 5 * 60, 12, 1, id="once within an hour"),
    ],
)
def test_the_functions_own_metrics_have_alarms(  # noqa: PLR0917  # a row of the table
    stack: Stack, name: str, metric: str, period: int, periods: int, breaching: int
) -> None:
    alarm = stack.properties(name)
    variables = stack.function("StartBuild")["Environment"]["Variables"]

    assert alarm["Namespace"] == variables["POWERTOOLS_METRICS_NAMESPACE"] == "source-to-ecr"
    assert alarm["Dimensions"] == [{"Name": "service", "Value": variables["POWERTOOLS_SERVICE_NAME"]}]
    assert (alarm["MetricName"], alarm["Statistic"]) == (metric, "Sum")
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (period, periods)
    assert alarm.get("DatapointsToAlarm", periods) == breaching


def test_every_function_has_an_alarm_on_lambdas_own_count_of_its_errors(symbols: Stack) -> None:
    for function in symbols.functions():
        (alarm,) = alarms_on(symbols, "FunctionName", function)

        assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("AWS/Lambda", "Errors", "Sum")
        assert f"({function}Logs)" in alarm["AlarmDescription"]


def test_a_build_that_fails_by_its_own_fault_alarms_nobody(stack: Stack) -> None:
    assert "AWS/CodeBuild" not in {each["Namespace"] for each in stack.all("AWS::CloudWatch::Alarm").values()}


def test_every_alarm_is_on_above_zero_and_says_so_when_it_cleared_and_where_to_look(symbols: Stack) -> None:
    for name, alarm in symbols.all("AWS::CloudWatch::Alarm").items():
        assert "jwt-pizza-service" in alarm["AlarmDescription"], name
        assert {"StartBuildLogs", "RecordImageLogs"} & set(re.findall(r"\((\w+)\)", alarm["AlarmDescription"])), name
        assert len(alarm["AlarmDescription"]) <= 1024, name  # CloudWatch's limit
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["AlarmTopic"], name
        assert "InsufficientDataActions" not in alarm, name
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0), name
        assert alarm["TreatMissingData"] == "notBreaching", name  # nothing happens: no metric


def test_waiting_uploads_are_not_put_down_to_the_quota_alone(stack: Stack) -> None:
    description = stack.properties("WaitingUploadsAlarm")["AlarmDescription"]

    assert "quota" in description
    assert "a permission or the project is missing" in description


# The topics


def test_news_and_alarms_have_a_topic_each(stack: Stack) -> None:
    assert set(stack.resources("AWS::SNS::Topic")) == {"NewsTopic", "AlarmTopic"}
    for function in stack.functions().values():
        assert function["Environment"]["Variables"]["TOPIC"] == "NewsTopic"


def test_the_stacks_alarms_alone_publish_to_the_alarms_topic(symbols: Stack) -> None:
    (policy,) = symbols.all("AWS::SNS::TopicPolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    alarms = {f"{name}.Arn" for name in symbols.resources("AWS::CloudWatch::Alarm")}

    assert policy["Topics"] == ["AlarmTopic"]
    assert "KmsMasterKeyId" not in symbols.properties("AlarmTopic")  # they couldn't use it
    assert statement["Effect"] == "Allow"
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert (statement["Action"], statement["Resource"]) == ("sns:Publish", "AlarmTopic")
    assert set(statement["Condition"]["ArnEquals"]["aws:SourceArn"]) == alarms
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
    for role in symbols.resources("AWS::IAM::Role"):
        assert "AlarmTopic" not in allowed(symbols, role)


def test_only_the_subscriptions_depend_on_an_address(stack: Stack) -> None:
    conditions = {name: each.get("Condition") for name, each in stack.document["Resources"].items()}

    assert {name for name, each in conditions.items() if each == "HasNotificationEmail"} == set(MAILS)
    assert stack.document["Conditions"]["HasNotificationEmail"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "NotificationEmail"}, ""]}]
    }


@pytest.mark.parametrize(("mail", "topic"), MAILS.items())
def test_each_topic_is_mailed(stack: Stack, mail: str, topic: str) -> None:
    assert stack.named(NotificationEmail="ops@example.com").properties(mail) == {
        "TopicArn": topic,
        "Protocol": "email",
        "Endpoint": "ops@example.com",
    }
