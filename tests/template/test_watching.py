"""Logs, alarms and mail: who hears of what went wrong."""

from typing import Any

import pytest

from tests.support.stack import Stack


def alarms_on(stack: Stack, name: str, value: str) -> list[Any]:
    dimension = [{"Name": name, "Value": value}]
    return [each for each in stack.all("AWS::CloudWatch::Alarm").values() if each["Dimensions"] == dimension]


# Logs


def test_every_function_and_the_project_log_to_a_group_of_their_own(symbols: Stack) -> None:
    groups = {name: each["LoggingConfig"]["LogGroup"] for name, each in symbols.functions().items()}
    project = symbols.properties("ImageBuild")["LogsConfig"]["CloudWatchLogs"]
    groups["ImageBuild"] = project["GroupName"]

    assert project["Status"] == "ENABLED"
    assert groups == {name: f"{name}Logs" for name in ("StartBuild", "RecordImage", "ImageBuild")}
    assert set(groups.values()) == set(symbols.resources("AWS::Logs::LogGroup"))


def test_every_log_group_forgets(stack: Stack) -> None:
    for group in stack.all("AWS::Logs::LogGroup").values():
        assert group["RetentionInDays"] == 90


def test_functions_log_json(stack: Stack) -> None:
    for function in stack.functions().values():
        assert function["LoggingConfig"]["LogFormat"] == "JSON"


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


def test_uploads_that_wait_for_an_hour_alarm(stack: Stack) -> None:
    (alarm,) = alarms_on(stack, "service", "jwt-pizza-service")
    variables = stack.function("StartBuild")["Environment"]["Variables"]

    assert alarm["Namespace"] == variables["POWERTOOLS_METRICS_NAMESPACE"] == "source-to-ecr"
    assert variables["POWERTOOLS_SERVICE_NAME"] == "jwt-pizza-service"
    assert (alarm["MetricName"], alarm["Statistic"]) == ("BuildWaiting", "Sum")
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (15 * 60, 4)
    assert "DatapointsToAlarm" not in alarm  # all four


def test_failed_builds_alarm(symbols: Stack) -> None:
    (alarm,) = alarms_on(symbols, "ProjectName", "ImageBuild")

    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/CodeBuild", "FailedBuilds")
    assert (alarm["Statistic"], alarm["Period"], alarm["EvaluationPeriods"]) == ("Sum", 5 * 60, 1)


def test_every_alarm_says_what_to_do_and_rings_the_topic_above_zero(stack: Stack) -> None:
    for name, alarm in stack.all("AWS::CloudWatch::Alarm").items():
        assert "jwt-pizza-service" in alarm["AlarmDescription"], name
        assert alarm["AlarmActions"] == ["Topic"], name
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0), name
        assert alarm["TreatMissingData"] == "notBreaching", name  # nothing happens: no metric


# The topic


def test_the_topic_takes_what_these_alarms_say(stack: Stack) -> None:
    (statement,) = stack.properties("TopicPolicy")["PolicyDocument"]["Statement"]
    alarms = {f"{name}.Arn" for name in stack.resources("AWS::CloudWatch::Alarm")}

    assert stack.properties("TopicPolicy")["Topics"] == ["Topic"]
    assert statement["Effect"] == "Allow"
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert (statement["Action"], statement["Resource"]) == ("sns:Publish", "Topic")
    assert set(statement["Condition"]["ArnEquals"]["aws:SourceArn"]) == alarms
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}


def test_the_topic_is_not_under_a_key_that_alarms_cannot_use(stack: Stack) -> None:
    assert "KmsMasterKeyId" not in stack.properties("Topic")


def test_only_the_subscription_depends_on_an_address(stack: Stack) -> None:
    conditional = {name for name, each in stack.document["Resources"].items() if "Condition" in each}

    assert conditional == {"Mail"}
    assert stack.document["Resources"]["Mail"]["Condition"] == "HasNotificationEmail"
    assert stack.document["Conditions"]["HasNotificationEmail"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "NotificationEmail"}, ""]}]
    }


@pytest.mark.parametrize("address", ["ops@example.com"])
def test_the_subscription_is_a_mail(stack: Stack, address: str) -> None:
    assert stack.named(NotificationEmail=address).properties("Mail") == {
        "TopicArn": "Topic",
        "Protocol": "email",
        "Endpoint": address,
    }
