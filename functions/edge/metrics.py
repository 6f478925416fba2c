"""What the functions count: each outcome under its own name, and those that need a person once more, for an alarm."""

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

metrics = Metrics()

NEEDS_ATTENTION = "NeedsAttention"
"""What is tried again by itself, and counted again while its cause lasts: its alarm waits for the second time."""
NEEDS_REPAIR = "NeedsRepair"
"""What isn't tried again, or not soon: its alarm doesn't wait."""
ALARM_METRICS = {
    "MessageFailed": NEEDS_ATTENTION,  # AWS refused what an upload needs, or the message is no upload
    "RecordingFailed": NEEDS_ATTENTION,
    "ImageGone": NEEDS_ATTENTION,  # the image that the parameter names, or should, isn't in the repository
    "NotificationFailed": NEEDS_ATTENTION,
    "NotificationSkipped": NEEDS_ATTENTION,  # no time was left to begin it
    "BuildFaultStays": NEEDS_REPAIR,  # an upload's second build failed through nobody's fault, or its last one
    "MailFailed": NEEDS_REPAIR,
    "StatusNotWritten": NEEDS_REPAIR,
}
"""The alarm's metric for which an outcome counts as well. A first BuildFaulted needs nobody: the build is repeated."""

TO_RECORDED = "UploadToRecorded"
"""The metric of the seconds from an upload to its end as recorded, the same as its event's."""


def count(outcome: str, times: int = 1) -> None:
    """Counts an outcome."""
    metrics.add_metric(outcome, MetricUnit.Count, times)
    if outcome in ALARM_METRICS:
        metrics.add_metric(ALARM_METRICS[outcome], MetricUnit.Count, times)


def took(seconds: int) -> None:
    """Adds how long one upload took until it was recorded."""
    metrics.add_metric(TO_RECORDED, MetricUnit.Seconds, seconds)
