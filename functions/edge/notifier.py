"""Which uploads RecordImage notifies, each once: those whose builds ended, and on the schedule all of the last day."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from core import images, statuses
from core.builds import Build, NotOurBuildError
from core.notifications import Notification
from core.statuses import NoRoomError, Status
from core.uploads import ObjectVersion
from edge import build_log, clients, project, publisher
from edge.source import Source, UnreadableError

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

logger = Logger()
metrics = Metrics()

RECENT = timedelta(days=1)
FRESH = timedelta(minutes=20)
ENOUGH_MILLISECONDS = 15_000


@dataclass(frozen=True)
class Triggers:
    """What woke RecordImage: the ends of builds, and whether the schedule did."""

    build_ids: tuple[str, ...]
    schedule: bool

    @classmethod
    def from_queue(cls, event: Mapping[str, Any]) -> "Triggers":
        """The triggers of a batch. What isn't one of ours triggers, too, but names no build.

        A build's event names it by its ARN:
        https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html
        """
        build_ids, schedule = [], False
        for record in event.get("Records", []):
            match parsed(record["body"]):
                case {"source": "aws.codebuild", "detail": {"build-id": str(arn)}}:
                    build_ids.append(arn.rpartition("build/")[2])
                case {"source": "aws.events"}:
                    schedule = True
        return cls(tuple(dict.fromkeys(build_ids)), schedule)


def parsed(body: str) -> Any:
    """What a message says; nothing if it is no JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return None


@dataclass(frozen=True)
class Notifier:
    """What notifying needs to know; `tagged` and `recorded` are the ledger after recording."""

    account_id: str
    bucket: str
    project: str
    topic: str
    tagged: Mapping[str, str]
    recorded: Mapping[str, str]
    now: datetime
    notified: set[ObjectVersion] = field(default_factory=set)

    def notify(self, triggers: Triggers, context: LambdaContext) -> None:
        """Notifies each upload that isn't yet, while time is left. Whatever fails is left to the next resync."""
        try:
            for answer, fresh in self.due(triggers):
                if context.get_remaining_time_in_millis() < ENOUGH_MILLISECONDS:
                    logger.warning("No time is left: the next resync notifies the rest")
                    return
                self.notify_of(answer, fresh=fresh)
        except Exception:
            failed()

    def due(self, triggers: Triggers) -> "Iterator[tuple[BuildTypeDef, bool]]":
        """The builds whose uploads to notify, the newest first, and whether each has just ended."""
        for answer in project.ended(triggers.build_ids):
            yield answer, True
        for ids in project.newest_first(self.project) if triggers.schedule else ():
            answers = project.ended(ids)
            ages = [self.now - answer["endTime"] for answer in answers]
            for answer, age in zip(answers, ages, strict=True):
                if age < RECENT and answer["id"] not in triggers.build_ids:
                    yield answer, age < FRESH
            if len(answers) == len(ids) and all(age >= RECENT for age in ages):
                return

    def notify_of(self, answer: "BuildTypeDef", *, fresh: bool) -> None:
        """Notifies the upload of one build. What fails is logged and counted."""
        logger.append_keys(build_id=answer["id"])
        try:
            build = Build.from_answer(answer, self.bucket)
            status = statuses.outcome(build, exists=build.image_tag in self.tagged, recorded=self.recorded)
            if status and build.version not in self.notified:
                self.notify_upload(build, status, fresh=fresh)
        except NotOurBuildError as error:
            if fresh:
                logger.warning("Nobody is notified of a build that was started by hand", cause=str(error))
                metrics.add_metric("BuildsByHand", MetricUnit.Count, 1)
        except Exception:
            failed()
        finally:
            logger.remove_keys(["build_id"])

    def notify_upload(self, build: Build, status: Status, *, fresh: bool) -> None:
        """Notifies a build's upload, unless that was done before.

        Where a status can't be written, nothing remembers that it was notified: then only fresh ends are.
        """
        source = Source(clients.s3(clients.ONCE), build.version, self.account_id)
        tags = tags_of(source)
        if tags is not None and not statuses.outranks(status.name, statuses.own_status(tags, build.version)):
            return
        if not fresh and not can_be_written(source, tags, status):
            return
        if status.reason is None and status.image_uri is None:
            status = replace(status, reason=str(build_log.reason(build)))
        seconds = int((self.now - images.time_of(build.image_tag)).total_seconds())
        publisher.publish(Notification(self.project, build.version, status, build.id, seconds), self.topic)
        self.notified.add(build.version)
        if tags is not None:
            publisher.write(source, tags, status)


def tags_of(source: Source) -> dict[str, str] | None:
    """The version's tags; None if it is gone."""
    try:
        return source.tags()
    except UnreadableError as error:
        logger.info("The version can't be read", cause=str(error))
        return None


def can_be_written(source: Source, tags: dict[str, str] | None, status: Status) -> bool:
    """Whether the status can be written on the version: there is room, and writing its tags as they are is allowed."""
    if tags is None:
        return False
    try:
        statuses.with_status(tags, status)
        source.put_tags(tags)
    except (NoRoomError, ClientError, BotoCoreError):
        return False
    return True


def failed() -> None:
    """Logs and counts the error that is being handled."""
    logger.exception("An upload wasn't notified: the next resync does it")
    metrics.add_metric("NotificationFailed", MetricUnit.Count, 1)
