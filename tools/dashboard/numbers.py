"""The metrics of a run, gathered as CloudWatch gathers them: from the functions' logs, and from the queues."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import quantiles

from local.pipeline import Pipeline
from tools.dashboard.widgets import Series

LOG_GROUPS = ("StartBuildLogGroup", "RecordImageLogGroup")
# What SQS sends to CloudWatch can be asked for as an attribute, but for the age of the oldest message.
ATTRIBUTES = {
    "ApproximateNumberOfMessagesVisible": "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
}


@dataclass(frozen=True)
class Datum:
    """One value of a metric; `time` is in seconds since 1970."""

    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]
    time: float
    value: float

    def is_of(self, series: Series) -> bool:
        """Whether it belongs to the series."""
        theirs = (series.namespace, series.metric, series.dimensions)
        return (self.namespace, self.metric, self.dimensions) == theirs


def of_functions(pipeline: Pipeline) -> Iterator[Datum]:
    """What the functions have sent: the lines of their logs in CloudWatch's embedded metric format.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    for output in LOG_GROUPS:
        pages = pipeline.logs.get_paginator("filter_log_events").paginate(logGroupName=pipeline.outputs[output])
        for page in pages:
            for event in page["events"]:
                for line in event["message"].splitlines():
                    if '"_aws"' in line:
                        yield from embedded(line)


def embedded(line: str) -> Iterator[Datum]:
    """The values in one such line."""
    sent = json.loads(line)
    for directive in sent["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = tuple((name, sent[name]) for name in names)
            for metric in directive["Metrics"]:
                for value in sent[metric["Name"]]:
                    moment = sent["_aws"]["Timestamp"] / 1000
                    yield Datum(directive["Namespace"], metric["Name"], dimensions, moment, value)


def of_queues(pipeline: Pipeline, series: Iterable[Series], now: float) -> Iterator[Datum]:
    """How many messages are in the queues that the series are of."""
    sqs = pipeline.client("sqs")
    for each in series:
        if attribute := ATTRIBUTES.get(each.metric):
            url = sqs.get_queue_url(QueueName=dict(each.dimensions)["QueueName"])["QueueUrl"]
            answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[attribute])
            yield Datum(each.namespace, each.metric, each.dimensions, now, float(answer["Attributes"][attribute]))


def by_period(series: Series, data: Iterable[Datum], start: float, period: int, periods: int) -> list[float | None]:
    """The series' statistic in each period; None where nothing was sent."""
    values: list[list[float]] = [[] for _ in range(periods)]
    for datum in data:
        place = int((datum.time - start) // period)
        if datum.is_of(series) and 0 <= place < periods:
            values[place].append(datum.value)
    return [statistic(series.statistic, each) if each else None for each in values]


def statistic(name: str, values: list[float]) -> float:
    """A statistic of one period's values."""
    if name == "Sum":
        return sum(values)
    if name == "Maximum":
        return max(values)
    percent = int(name.removeprefix("p"))
    return values[0] if len(values) == 1 else quantiles(values, n=100, method="inclusive")[percent - 1]
