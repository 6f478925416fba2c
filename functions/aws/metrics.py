"""The functions' metrics: one per outcome, and two more that alarms use for outcomes that need a person."""

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

# assumes: embedded-metrics
metrics = Metrics()

NEEDS_ATTENTION = "NeedsAttention"
"""Failures that are retried, and counted again while their cause lasts. The alarm waits for a second one."""
NEEDS_REPAIR = "NeedsRepair"
"""Failures that aren't retried, or not soon. The alarm doesn't wait."""
ALARM_METRICS = {
    "MessageFailed": NEEDS_ATTENTION,  # AWS refused a request for an upload, or the message isn't an upload
    "RecordingFailed": NEEDS_ATTENTION,
    "ImageGone": NEEDS_ATTENTION,  # the image that the parameter names, or should name, isn't in the repository
    "NotificationFailed": NEEDS_ATTENTION,
    "NotificationSkipped": NEEDS_ATTENTION,  # there was no time left to start it
    "BuildFaultStays": NEEDS_REPAIR,  # a fault ended an upload's second build, or its last one
    "MailFailed": NEEDS_REPAIR,
    "StatusNotWritten": NEEDS_REPAIR,
}
"""The alarm metric that an outcome also counts for. A first BuildFaulted has none, as the build is repeated."""

TO_RECORDED = "UploadToRecorded"
"""Seconds from an upload until it is recorded, as in its event."""


def count(outcome: str, times: int = 1) -> None:
    """Counts an outcome, and its alarm metric if it has one."""
    metrics.add_metric(outcome, MetricUnit.Count, times)
    if outcome in ALARM_METRICS:
        metrics.add_metric(ALARM_METRICS[outcome], MetricUnit.Count, times)


def took(seconds: int) -> None:
    """Reports how long one upload took until it was recorded."""
    metrics.add_metric(TO_RECORDED, MetricUnit.Seconds, seconds)
