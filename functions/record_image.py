"""Records the newest image: `latest` moves to it, then the parameter names it. An event is only a bell."""

from dataclasses import dataclass
from datetime import UTC, datetime

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

import images
import parameter
import repository
import settings
from images import Tags, Version

logger = Logger()
metrics = Metrics()


@dataclass(frozen=True)
class Settings:
    """The names of what the function works with."""

    parameter: str
    repository: str
    repository_uri: str


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: dict[str, object], context: LambdaContext) -> None:
    """Records once, however many bells rang. If that fails, the queue rings again."""
    outcome = "RecordingFailed"
    try:
        outcome = record(settings.from_environment(Settings), context.aws_request_id, datetime.now(UTC))
    finally:
        metrics.add_metric(outcome, MetricUnit.Count, 1)


def record(here: Settings, request_id: str, now: datetime) -> str:
    """Brings `latest` and the parameter to what the repository holds, and says what that took."""
    tagged = repository.tagged(here.repository)
    tags = Tags.told_apart(tagged, now)
    report(tags)
    decision = images.decide(tagged, tags.builds, parameter.history(here.parameter), here.repository_uri)
    logger.info("Decided", record=decision.record, latest=decision.latest, reason=decision.reason)
    if decision.latest and not repository.move_latest(here.repository, decision.latest):
        logger.warning("The image is gone. The next bell sees the truth", digest=decision.latest)
        return "ImageGone"
    if decision.record is None:
        return "NothingToRecord"
    uri = f"{here.repository_uri}@{tagged[decision.record]}"
    parameter.put(here.parameter, Version(uri, f"{decision.record} {request_id}"))
    logger.info("Recorded", uri=uri)
    return "ImageRecorded"


def report(tags: Tags) -> None:
    """Logs and counts the tags that look like a build's and aren't recorded."""
    for name, ignored in {"ForeignTags": tags.foreign, "FutureTags": tags.future}.items():
        if ignored:
            logger.warning("These tags are not recorded", kind=name, tags=ignored)
            metrics.add_metric(name, MetricUnit.Count, len(ignored))
