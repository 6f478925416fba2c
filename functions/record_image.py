"""Records the newest image in the parameter, has `latest` follow the parameter, and notifies the uploads."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from core import images
from core.build_tags import SETTLED, BuildTags
from core.images import LATEST, Ledger, Version
from core.triggers import Triggers
from edge import parameter, repository
from edge.metrics import count
from edge.settings import from_environment
from notify import Notifier

logger = Logger()
metrics = Metrics()

SETTLED_AT_ONCE = 50  # the next triggers go on


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


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Reconciles once, however many triggers came, then notifies. If that fails, the triggers come again."""
    outcome = "RecordingFailed"
    try:
        settings, now = from_environment(Settings), datetime.now(UTC)
        ledger = Ledger(repository.tagged(settings.repository), parameter.history(settings.parameter))
        tags = BuildTags.classified(ledger.tagged, now)
        report(tags)
        reconciliation = Reconciliation(settings, context.aws_request_id, tags.ours, ledger)
        try:
            outcome = reconciliation.run()
        finally:  # what is settled already is notified all the same
            Notifier(
                settings.account_id,
                settings.bucket,
                settings.project,
                settings.repository,
                settings.topic,
                triggers=Triggers.from_queue(event),
                ledger=reconciliation.ledger,
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


def report(tags: BuildTags) -> None:
    """Logs and counts the tags that look like a build's and aren't recorded."""
    for name, ignored in {"ForeignTags": tags.foreign, "FutureTags": tags.future}.items():
        if ignored:
            logger.warning("These tags are not recorded", kind=name, tags=ignored)
            count(name, len(ignored))


@dataclass
class Reconciliation:
    """Brings the parameter, then `latest` and the settled tags, to what the repository holds.

    `ledger` is what holds so far, `recorded` the build tag that was recorded in this run.
    """

    settings: Settings
    request_id: str
    build_tags: Sequence[str]
    ledger: Ledger
    recorded: str | None = None
    images: dict[str, repository.Image | None] = field(default_factory=dict)

    def run(self) -> str:
        """Does both, and says what that took. What the parameter names is protected even where recording fails."""
        try:
            outcome = self.record()
        finally:
            is_there = self.protect()
        return outcome if is_there else "ImageGone"

    def record(self) -> str:
        """Has the parameter name the newest image, unless it did before."""
        decision = images.decide(self.ledger, self.build_tags)
        logger.info("Decided", record=decision.record, reason=decision.reason)
        if decision.record is None:
            return "NothingToRecord"
        digest = self.ledger.tagged[decision.record]
        if self.image(digest) is None:
            return "ImageGone"
        version = Version(f"{self.settings.repository_uri}@{digest}", f"{decision.record} {self.request_id}")
        parameter.put(self.settings.parameter, version)
        self.ledger = replace(self.ledger, history=[*self.ledger.history, version])
        self.recorded = decision.record
        logger.info("Recorded", uri=version.value)
        return "ImageRecorded"

    def protect(self) -> bool:
        """Has `latest` name what the parameter names now, and lets the lifecycle policy count what is settled.

        Returns:
            Whether the image for `latest` is there.
        """
        wanted = images.protection(self.ledger, self.build_tags, self.settings.repository_uri)
        is_there = wanted.latest is None or self.tag(wanted.latest, LATEST)
        for build_tag in wanted.settle[:SETTLED_AT_ONCE]:
            self.tag(self.ledger.tagged[build_tag], SETTLED + build_tag)
        return is_there

    def tag(self, digest: str, name: str) -> bool:
        """Gives an image one more tag; False if the image is gone."""
        image = self.image(digest)
        if image is None:
            return False
        repository.tag(self.settings.repository, image, name)
        return True

    def image(self, digest: str) -> repository.Image | None:
        """The image of a digest, asked for once; None if it is gone, which is logged."""
        if digest not in self.images:
            self.images[digest] = repository.image(self.settings.repository, digest)
            if self.images[digest] is None:
                logger.warning("The image is gone. The next trigger sees the truth", digest=digest)
        return self.images[digest]
