"""What the functions count: each outcome under its own name, and those that need a person once more, for the alarm."""

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

metrics = Metrics()

NEEDS_ATTENTION = "NeedsAttention"
"""The metric of the alarm."""
NEEDS_A_PERSON = frozenset(
    {
        "MessageFailed",  # AWS refused what an upload needs, or the message is no upload
        "RecordingFailed",
        "ImageGone",  # the image that the parameter names, or should, isn't in the repository
        "BuildFaulted",  # a build failed for no fault of its upload
        "NotificationFailed",
        "NotificationSkipped",  # no time was left to begin it
        "MailFailed",
        "StatusNotWritten",
    }
)

TO_RECORDED = "UploadToRecorded"
"""The metric of the seconds from an upload to its end as recorded, the same as its event's."""


def count(outcome: str, times: int = 1) -> None:
    """Counts an outcome."""
    metrics.add_metric(outcome, MetricUnit.Count, times)
    if outcome in NEEDS_A_PERSON:
        metrics.add_metric(NEEDS_ATTENTION, MetricUnit.Count, times)


def took(seconds: int) -> None:
    """Adds how long one upload took until it was recorded."""
    metrics.add_metric(TO_RECORDED, MetricUnit.Seconds, seconds)
