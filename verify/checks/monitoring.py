"""Checks of CloudWatch: metrics, alarms and the dashboard."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from local.pipeline import Late, wait_for
from verify.checking import Check
from verify.gathering.evidence import Evidence
from verify.verdicts import DidNotHold, NotTried, Partly

HOUR = timedelta(hours=1)
MOST_EMPTY = 1250
"""Of one queue in an hour."""
RULE = "AWS::Events::Rule"
UNDELIVERED = ("FailedInvocations", "InvocationsSentToDlq", "InvocationsFailedToBeSentToDlq")
EVERY = 5.0
"""Seconds between requests that cost money."""


def embedded_metrics(evidence: Evidence) -> str:
    """Whether the functions' own metrics arrive."""
    dimensions = {"service": evidence.run.service}
    assert_data(evidence, "source-to-ecr", "BuildStarted", dimensions)
    return "BuildStarted arrived in the namespace source-to-ecr, with the dimension service."


def service_metrics(evidence: Evidence) -> str:
    """Whether SQS's and Lambda's metrics arrive under the names that the alarms use."""
    queue = evidence.pipeline.outputs["UploadQueueUrl"].rpartition("/")[2]
    function = evidence.pipeline.outputs["StartBuildFunction"]
    assert_data(evidence, "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue})
    assert_data(evidence, "AWS/Lambda", "Errors", {"FunctionName": function})
    return Partly("The upload queue's and StartBuild's metrics of an alarm's kind arrived. Others weren't looked for.")


def rules_may_send(evidence: Evidence) -> str:
    """Whether EventBridge's deliveries came, and none failed."""
    begun = evidence.begun
    failed = failed_deliveries(evidence)
    if failed:
        raise DidNotHold(f"EventBridge couldn't deliver: {', '.join(failed)}.")
    if begun.seconds is None:
        raise NotTried("Neither of two uploads had a sign, and EventBridge reports no failed delivery.")
    status = evidence.first.status
    return Partly(
        f"The first upload's event came, and it is {status}. EventBridge reports no failed delivery. "
        "Another rule wasn't tried."
    )


def failed_deliveries(evidence: Evidence) -> list[str]:
    """The stack's rules with failed deliveries, by their names in the template, each with the metric and its sum.

    EventBridge sends these metrics only if they aren't 0:
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
    """
    stack = evidence.pipeline.stack
    listed = evidence.access.cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    rules = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in listed if each["ResourceType"] == RULE}
    began, now = datetime.fromisoformat(evidence.run.began), datetime.now(UTC)
    sums = {
        f"{rule}, {metric}": sum(values(evidence, "AWS/Events", metric, {"RuleName": name}, began, now))
        for rule, name in rules.items()
        for metric in UNDELIVERED
    }
    return [f"{what}: {number:.0f}" for what, number in sums.items() if number]


def idle_polling(evidence: Evidence) -> str:
    """How many requests Lambda's polling took in the last whole hour."""
    began = datetime.fromisoformat(evidence.run.began)
    if datetime.now(UTC) - began < 2 * HOUR:
        raise NotTried("The stack isn't two hours old. Keep it with --keep, then go on: --resume --again idle-polling.")
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    name = evidence.pipeline.outputs["UploadQueueUrl"].rpartition("/")[2]
    empty = values(evidence, "AWS/SQS", "NumberOfEmptyReceives", {"QueueName": name}, end - HOUR, end)
    if not empty:
        raise NotTried("There is no data about empty receives in the last whole hour.")
    seen = f"The upload queue had {sum(empty):.0f} empty receives in an hour. The other queue wasn't looked at."
    if sum(empty) > MOST_EMPTY:
        raise DidNotHold(seen)
    return Partly(seen)


def dashboard_switch(evidence: Evidence) -> str:
    """Whether an update that changes only `Dashboard` adds the dashboard."""
    if "DashboardName" not in evidence.with_dashboard.outputs:
        raise DidNotHold("After an update with Dashboard=yes, the stack has no dashboard.")
    return Partly("An update that changed only Dashboard added the dashboard. Removing it wasn't tried.")


def dashboard_body(evidence: Evidence) -> str:
    """Whether CloudWatch has nothing to say about the dashboard's body."""
    client, name = evidence.access.cloudwatch, evidence.with_dashboard.outputs.get("DashboardName")
    if not name:
        raise NotTried("The stack has no dashboard.")
    body = client.get_dashboard(DashboardName=name)["DashboardBody"]
    messages = client.put_dashboard(DashboardName=name, DashboardBody=body).get("DashboardValidationMessages", [])
    if messages:
        raise DidNotHold(f"CloudWatch says: {messages[0]}")
    return Partly(
        f"CloudWatch accepts the body with its {len(json.loads(body)['widgets'])} widgets. Data wasn't looked for."
    )


def alarms_may_publish(evidence: Evidence) -> str:
    """Whether an alarm's action succeeds."""
    client, topic = evidence.access.cloudwatch, evidence.pipeline.outputs["AlarmTopicArn"]
    pages = client.get_paginator("describe_alarms").paginate(AlarmNamePrefix=evidence.run.stack)
    name = next(
        alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"] if topic in alarm["AlarmActions"]
    )
    began = datetime.now(UTC)
    client.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="Tried by verify-aws")

    def action() -> Any:
        answer = client.describe_alarm_history(AlarmName=name, HistoryItemType="Action", StartDate=began)
        return next((item["HistorySummary"] for item in answer["AlarmHistoryItems"]), None)

    try:
        summary = wait_for("The alarm's action", action, evidence.patience)
    except Late as late:
        raise DidNotHold(str(late)) from late
    if "Successfully" not in summary:
        raise DidNotHold(f"The alarm's history says: {summary}")
    return Partly("An alarm's history says that its action succeeded. The email wasn't read.")


def assert_data(evidence: Evidence, namespace: str, name: str, dimensions: dict[str, str]) -> None:
    """Returns when the metric has data.

    Raises:
        DidNotHold: it has none.
    """
    uploaded = evidence.first.uploaded
    end = uploaded + timedelta(hours=6)
    try:
        wait_for(
            f"Data of {namespace} {name}",
            lambda: values(evidence, namespace, name, dimensions, uploaded - timedelta(minutes=5), end),
            evidence.patience,
            EVERY,
        )
    except Late as late:
        raise DidNotHold(str(late)) from late


def values(  # noqa: PLR0917  # a metric has that many names
    evidence: Evidence, namespace: str, name: str, dimensions: dict[str, str], begin: datetime, end: datetime
) -> list[float]:
    """The metric's sums by minute in this time."""
    listed = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": listed}
    query = {"Id": "it", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
    answer = evidence.access.cloudwatch.get_metric_data(
        MetricDataQueries=[query],  # type: ignore[list-item]
        StartTime=begin,
        EndTime=end,
    )
    return answer["MetricDataResults"][0]["Values"]


CHECKS = [
    Check("rules-may-send", rules_may_send),
    Check("embedded-metrics", embedded_metrics),
    Check("service-metrics", service_metrics),
    Check("alarms-may-publish", alarms_may_publish),
    Check("dashboard-switch", dashboard_switch),
    Check("dashboard-body", dashboard_body),
    Check("idle-polling", idle_polling),
]
