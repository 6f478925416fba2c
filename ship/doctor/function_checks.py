"""Checks of the two functions, by their logs and metrics."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.uploads import ObjectVersion
from ship.asked import Asked
from ship.aws import s3
from ship.doctor.findings import OK, PROBLEM, WARNING, Finding
from ship.doctor.function_logs import KILLED, Record, read
from ship.doctor.permissions import MissingPermission
from ship.doctor.troubles import LOOK_BACK, RETRIED_WITHIN, Trouble, troubles
from ship.problem import Problem
from ship.terminal import moment

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

NAMESPACE, RETRIED, NOT_RETRIED = "source-to-ecr", "NeedsAttention", "NeedsRepair"
"""The functions' metrics of failures, and their namespace."""
SHOWN = 10
LONGEST_CAUSE = 300
METRICS_SINCE = timedelta(minutes=30)
SILENT = f"for more than {RETRIED_WITHIN.seconds // 60} minutes"


def of_start_build(asked: Asked) -> Iterator[Finding]:
    """StartBuild's failures, and the uploads that wait for it. It retries each every three minutes."""
    now = datetime.now(UTC)
    records = read(asked.access.logs, asked.stack.start_build_log, now - LOOK_BACK)
    yield from of_troubles("StartBuild", troubles(records, now), asked.stack.start_build_log)
    recent = [each for each in records if each.level != "INFO" and now - each.at <= RETRIED_WITHIN]
    yield from of_waiting(asked, [*dict.fromkeys(each.version for each in recent if each.version)])
    if is_silent(records, now) and visible(asked):
        yield Finding(
            WARNING,
            f"Uploads are in the queue, but StartBuild has logged nothing {SILENT}.",
            "Check again in a minute. If nothing changed, StartBuild's role may lack sqs:ReceiveMessage, "
            "logs:CreateLogStream or logs:PutLogEvents, or its event source mapping is disabled.",
        )


def of_record_image(asked: Asked) -> Iterator[Finding]:
    """RecordImage's failures."""
    now = datetime.now(UTC)
    records = read(asked.access.logs, asked.stack.record_image_log, now - LOOK_BACK)
    # assumes: unlogged-function
    if is_silent(records, now) and now - (asked.stack.since or now) > RETRIED_WITHIN:
        yield Finding(
            PROBLEM,
            f"RecordImage runs every 15 minutes, but has logged nothing {SILENT}.",
            "Its role may lack sqs:ReceiveMessage, logs:CreateLogStream or logs:PutLogEvents, or the schedule or the "
            "event source mapping is disabled.",
        )
        return
    yield from of_troubles("RecordImage", troubles(records, now), asked.stack.record_image_log)


def is_silent(records: list[Record], now: datetime) -> bool:
    """Whether the newest record is older than the schedule allows."""
    return not records or now - records[-1].at > RETRIED_WITHIN


def of_troubles(function: str, found: list[Trouble], log: str) -> Iterator[Finding]:
    """A finding for each cause, or one that says that all is well."""
    if not found:
        yield Finding(OK, f"{function} has no unresolved errors in the last {LOOK_BACK.seconds // 3600} hours.")
    for trouble in found:
        missing = trouble.missing
        yield of_permission(function, missing, times(trouble)) if missing else of_error(function, trouble, log)


def of_permission(function: str, missing: MissingPermission, seen: str) -> Finding:
    """A missing permission. It stays missing until somebody restores it."""
    role = f"{function}'s role {missing.role}".rstrip()
    return Finding(PROBLEM, f"{role} lacks {missing} ({seen}).", missing.remedy)


def of_error(function: str, trouble: Trouble, log: str) -> Finding:
    """Another error. A retry may fix the first, so only a second is a problem, as for NeedsAttentionAlarm."""
    last = trouble.last
    words = last.cause.partition("\n")[0][:LONGEST_CAUSE]
    if last.message == KILLED:
        what = f"Lambda stopped {function} before it finished ({words}; {times(trouble)})."
    else:
        what = f"{function} failed ({times(trouble)}). {last.message}. {words}".rstrip()
    if len(trouble.records) == 1:
        return Finding(WARNING, what, "It is retried within 15 minutes. Check again then.")
    return Finding(PROBLEM, what, f"The whole error is in the log group {log}.")


def times(trouble: Trouble) -> str:
    """How often something happened, and when last."""
    often, last = len(trouble.records), moment(trouble.last.at)
    return f"once, at {last}" if often == 1 else f"{often} times, last at {last}"


def of_waiting(asked: Asked, versions: list[tuple[str, str]]) -> Iterator[Finding]:
    """Why uploads wait whose builds StartBuild couldn't start, according to their status."""
    for key, version_id in versions[-SHOWN:]:
        try:
            state = s3.of(asked.access, asked.stack, ObjectVersion(asked.stack.bucket, key, version_id))
        except Problem:
            continue  # it was deleted
        if state.waits_for:
            what = f"The upload {key} waits: {state.waits_for.sentence}"
            yield Finding(WARNING, what, "It continues once that is fixed.")
    if len(versions) > SHOWN:
        look = f"For each of them: {asked.stack.command('status')} KEY"
        yield Finding(WARNING, f"And {len(versions) - SHOWN} more uploads may wait.", look)


def visible(asked: Asked) -> bool:
    """Whether uploads are in the queue that StartBuild hasn't received."""
    answer = asked.access.sqs.get_queue_attributes(
        QueueUrl=asked.stack.upload_queue, AttributeNames=["ApproximateNumberOfMessages"]
    )
    return answer["Attributes"]["ApproximateNumberOfMessages"] != "0"


def of_metrics(asked: Asked) -> Iterator[Finding]:
    """The failures that CloudWatch counted in the last half hour, including invocations that logged nothing."""
    stack, now = asked.stack, datetime.now(UTC)
    service = (NAMESPACE, "service", stack.service)
    wanted = {
        "Failures that are retried": (RETRIED, *service),
        "Failures that retries don't fix": (NOT_RETRIED, *service),
    }
    for title, name in {"StartBuild": stack.start_build, "RecordImage": stack.record_image}.items():
        if name:
            wanted[f"Failed invocations of {title}"] = ("Errors", "AWS/Lambda", "FunctionName", name)
            wanted[f"Throttled invocations of {title}"] = ("Throttles", "AWS/Lambda", "FunctionName", name)
    queries = [query(f"m{number}", *metric) for number, metric in enumerate(wanted.values())]
    answer = asked.access.cloudwatch.get_metric_data(
        MetricDataQueries=queries, StartTime=now - METRICS_SINCE, EndTime=now
    )
    sums = {each["Id"]: int(sum(each["Values"])) for each in answer["MetricDataResults"]}
    counted = {what: sums.get(each["Id"]) for each, what in zip(queries, wanted, strict=True)}
    if not any(counted.values()):
        yield Finding(OK, "CloudWatch counted no failures in the last half hour.")
    causes = f"The logs have the causes: {stack.start_build_log}, {stack.record_image_log}."
    for what, number in counted.items():
        if number:
            yield Finding(WARNING, f"{what} in the last half hour: {number}.", causes)


def query(identifier: str, metric: str, namespace: str, dimension: str, value: str) -> "MetricDataQueryTypeDef":
    """The query for a metric's five-minute sums."""
    return {
        "Id": identifier,
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": [{"Name": dimension, "Value": value}],
            },
            "Period": 300,
            "Stat": "Sum",
        },
    }
