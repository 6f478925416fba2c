"""Records the newest image: `latest` moves to it, then the parameter names it. Then notifies the uploads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from core import images
from core.images import Tags, Version
from edge import parameter, repository, settings
from edge.notifier import Notifier, Triggers

logger = Logger()
metrics = Metrics()


@dataclass(frozen=True)
class Settings:
    """The names of what the function works with."""

    account_id: str
    bucket: str
    parameter: str
    project: str
    repository: str
    repository_uri: str
    topic: str


@dataclass(frozen=True)
class Ledger:
    """What is known: the digest of each tag in the repository, and the parameter's versions, the oldest first."""

    tagged: Mapping[str, str]
    history: Sequence[Version]


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Records once, however many triggers came, then notifies. If recording fails, the triggers come again."""
    outcome = "RecordingFailed"
    try:
        here, now = settings.from_environment(Settings), datetime.now(UTC)
        ledger = Ledger(repository.tagged(here.repository), parameter.history(here.parameter))
        try:
            outcome, ledger = record(here, ledger, context.aws_request_id, now)
        finally:  # what the ledger settles already is notified all the same
            notifier = Notifier(
                here.account_id,
                here.bucket,
                here.project,
                here.topic,
                tagged=ledger.tagged,
                recorded=images.recorded(ledger.history),
                now=now,
            )
            notifier.notify(Triggers.from_queue(event), context)
    finally:
        metrics.add_metric(outcome, MetricUnit.Count, 1)


def record(here: Settings, ledger: Ledger, request_id: str, now: datetime) -> tuple[str, Ledger]:
    """Brings `latest` and the parameter to what the repository holds.

    Returns:
        What that took, and the ledger as it is then.
    """
    tags = Tags.classified(ledger.tagged, now)
    report(tags)
    decision = images.decide(ledger.tagged, tags.builds, ledger.history, here.repository_uri)
    logger.info("Decided", record=decision.record, latest=decision.latest, reason=decision.reason)
    if decision.latest and not repository.move_latest(here.repository, decision.latest):
        logger.warning("The image is gone. The next trigger sees the truth", digest=decision.latest)
        return "ImageGone", ledger
    if decision.record is None:
        return "NothingToRecord", ledger
    version = Version(f"{here.repository_uri}@{ledger.tagged[decision.record]}", f"{decision.record} {request_id}")
    parameter.put(here.parameter, version)
    logger.info("Recorded", uri=version.value)
    return "ImageRecorded", replace(ledger, history=[*ledger.history, version])


def report(tags: Tags) -> None:
    """Logs and counts the tags that look like a build's and aren't recorded."""
    for name, ignored in {"ForeignTags": tags.foreign, "FutureTags": tags.future}.items():
        if ignored:
            logger.warning("These tags are not recorded", kind=name, tags=ignored)
            metrics.add_metric(name, MetricUnit.Count, len(ignored))
