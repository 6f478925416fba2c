"""The metrics of a run, gathered as CloudWatch gathers them: from the functions' logs, and from the queues."""

import json
from collections.abc import Callable, Iterable, Iterator
from statistics import median, quantiles

from local.pipeline import Pipeline
from tools.dashboard.widgets import Series

type Datum = tuple[tuple[str, str, tuple[tuple[str, str], ...]], float, float]
"""One value of a metric: the metric's namespace, name and dimensions, the seconds since 1970, the value."""
# SQS's metrics that are also attributes of a queue. The age of the oldest message isn't.
ATTRIBUTES = {
    "ApproximateNumberOfMessagesVisible": "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
}
STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "Sum": sum,
    "Maximum": max,
    "p50": median,
    "p95": lambda values: quantiles(values, n=20, method="inclusive")[-1],
}


def of_functions(pipeline: Pipeline) -> Iterator[Datum]:
    """The metrics that the functions have sent, by their logs."""
    for output in ("StartBuildLogGroup", "RecordImageLogGroup"):
        pages = pipeline.logs.get_paginator("filter_log_events").paginate(logGroupName=pipeline.outputs[output])
        for event in (event for page in pages for event in page["events"]):
            for line in event["message"].splitlines():
                if '"_aws"' in line:
                    yield from embedded(line)


def embedded(line: str) -> Iterator[Datum]:
    """The values in a line of CloudWatch's embedded metric format.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    sent = json.loads(line)
    for directive in sent["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = tuple((name, sent[name]) for name in names)
            for metric in (each["Name"] for each in directive["Metrics"]):
                key = (directive["Namespace"], metric, dimensions)
                yield from ((key, sent["_aws"]["Timestamp"] / 1000, value) for value in sent[metric])


def of_queues(pipeline: Pipeline, shown: Iterable[Series], now: float) -> Iterator[Datum]:
    """How many messages are in the queues that the series are about."""
    sqs = pipeline.client("sqs")
    for each in shown:
        if attribute := ATTRIBUTES.get(each.metric):
            url = sqs.get_queue_url(QueueName=dict(each.dimensions)["QueueName"])["QueueUrl"]
            answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[attribute])
            yield each.key, now, float(answer["Attributes"][attribute])


def by_period(series: Series, data: Iterable[Datum], start: float, period: int, periods: int) -> list[float | None]:
    """The series' statistic in each period. None where nothing was sent."""
    values: list[list[float]] = [[] for _ in range(periods)]
    for key, time, value in data:
        if key == series.key and start <= time < start + period * periods:
            values[int((time - start) // period)].append(value)
    return [STATISTICS[series.statistic](each) if each else None for each in values]
