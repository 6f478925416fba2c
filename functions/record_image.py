"""Records the newest image in the parameter, moves `latest` to it, and notifies uploaders."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from aws import clients, ecr, ssm
from aws.metrics import count
from aws.settings import from_environment
from core.build_tags import SETTLED, BuildTags
from core.notifying import deployments
from core.notifying.deployments import Deployed
from core.notifying.retry_policy import RECENT
from core.recording import next_image
from core.recording.next_image import LATEST, Ledger, Version
from core.recording.triggers import Triggers
from notify import Notifier

logger = Logger()
metrics = Metrics()

TO_READ_RECORDS = 22_000
"""Milliseconds that have to be left before auto-deploy's records are read: notifying needs 15 seconds after that."""
SETTLED_AT_ONCE = 50  # later triggers settle the rest


@dataclass(frozen=True)
class Settings:
    """The function's settings: names of the stack's resources."""

    account_id: str
    bucket: str
    deployment_parameter: str
    parameter: str
    project: str
    repository: str
    repository_uri: str
    topic: str


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Reconciles once for all triggers, then notifies. If it fails, SQS delivers the triggers again."""
    outcome = "RecordingFailed"
    try:
        settings, now = from_environment(Settings), datetime.now(UTC)
        triggers = Triggers.from_queue(event, settings.deployment_parameter)
        tagged = ecr.tagged(clients.ecr(), settings.repository)
        ledger = Ledger(tagged, ssm.versions(ssm.history(clients.ssm(), settings.parameter)))
        tags = BuildTags.classified(ledger.tagged, now)
        report(tags)
        reconciliation = Reconciliation(settings, context.aws_request_id, tags.ours, ledger)
        try:
            outcome = reconciliation.run()
        finally:  # notify what is settled even if recording fails
            Notifier(
                settings.account_id,
                settings.bucket,
                settings.project,
                settings.repository,
                settings.topic,
                triggers=triggers,
                ledger=reconciliation.ledger,
                deployed=deployed(settings.deployment_parameter, triggers, reconciliation.ledger, now, context),
                recorded=reconciliation.recorded,
                is_blocked=outcome == "RecordingFailed",
                now=now,
                remaining=context.get_remaining_time_in_millis,
            ).notify()
    except Exception:
        logger.exception("Recording failed: the triggers come again")
        raise
    finally:
        count(outcome)


def deployed(parameter: str, triggers: Triggers, ledger: Ledger, now: datetime, context: LambdaContext) -> Deployed:
    """The decision about deployments, if a trigger asks for it. If the records can't be read, the next resync tries.

    For a day after the last record, each resync looks at its uploads again, however old their builds are.
    """
    is_asked = triggers.deployment or triggers.schedule
    if not is_asked or context.get_remaining_time_in_millis() < TO_READ_RECORDS:
        return Deployed({})
    try:
        history = ssm.history(clients.ssm(), parameter)
    except (ClientError, BotoCoreError):
        logger.exception("Auto-deploy's records can't be read: the next resync reads them")
        count("NotificationFailed")
        return Deployed({})
    found = deployments.decide(ledger.history, deployments.read([each["Value"] for each in history]))
    if triggers.deployment:
        return found
    is_recent = bool(history) and now - history[-1]["LastModifiedDate"] < RECENT
    return Deployed(found.statuses, found.news if is_recent else frozenset())


def report(tags: BuildTags) -> None:
    """Logs and counts tags that look like build tags but aren't recorded."""
    for name, ignored in {"ForeignTags": tags.foreign, "FutureTags": tags.future}.items():
        if ignored:
            logger.warning("These tags are not recorded", kind=name, tags=ignored)
            count(name, len(ignored))


@dataclass
class Reconciliation:
    """Updates the parameter, then `latest` and the settled tags, to match the repository.

    `ledger` is the current state, `recorded` the build tag that this run recorded.
    """

    settings: Settings
    request_id: str
    build_tags: Sequence[str]
    ledger: Ledger
    recorded: str | None = None
    images: dict[str, ecr.Image | None] = field(default_factory=dict)

    def run(self) -> str:
        """Records, then protects the image that the parameter names, even if recording fails. Returns the outcome."""
        try:
            outcome = self.record()
        finally:
            is_there = self.protect()
        return outcome if is_there else "ImageGone"

    def record(self) -> str:
        """Writes the newest image to the parameter, unless it was recorded before. Returns the outcome."""
        decision = next_image.decide(self.ledger, self.build_tags)
        logger.info("Decided", record=decision.record, reason=decision.reason)
        if decision.record is None:
            return "NothingToRecord"
        digest = self.ledger.tagged[decision.record]
        if self.image(digest) is None:
            return "ImageGone"
        version = Version(f"{self.settings.repository_uri}@{digest}", f"{decision.record} {self.request_id}")
        ssm.put(clients.ssm(), self.settings.parameter, version)
        self.ledger = replace(self.ledger, history=[*self.ledger.history, version])
        self.recorded = decision.record
        logger.info("Recorded", uri=version.value)
        return "ImageRecorded"

    def protect(self) -> bool:
        """Moves `latest` to the image in the parameter, and tags settled images for the lifecycle policy.

        Returns:
            Whether the image for `latest` exists.
        """
        wanted = next_image.protection(self.ledger, self.build_tags, self.settings.repository_uri)
        is_there = wanted.latest is None or self.tag(wanted.latest, LATEST)
        for build_tag in wanted.settle[:SETTLED_AT_ONCE]:
            self.tag(self.ledger.tagged[build_tag], SETTLED + build_tag)
        return is_there

    def tag(self, digest: str, name: str) -> bool:
        """Adds a tag to an image. Returns False if the image is gone."""
        image = self.image(digest)
        if image is None:
            return False
        ecr.tag(clients.ecr(), self.settings.repository, image, name)
        return True

    def image(self, digest: str) -> ecr.Image | None:
        """The image with this digest, looked up once. None, with a warning in the log, if it is gone."""
        if digest not in self.images:
            self.images[digest] = ecr.image(clients.ecr(), self.settings.repository, digest)
            if self.images[digest] is None:
                logger.warning("The image is gone. The next trigger looks again", digest=digest)
        return self.images[digest]
