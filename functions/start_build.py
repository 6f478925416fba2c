"""Starts a build of each upload, or says at once why it can't be built."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from core import archives, images, reasons, statuses
from core.images import Tags
from core.notifications import Notification
from core.reasons import Reason
from core.statuses import Status
from core.uploads import Upload
from edge import clients, publisher, repository, settings
from edge.source import Source, UnreadableError

logger = Logger()
metrics = Metrics()
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)

BUILDING = "A build is queued or runs."
WAITING = f"{reasons.NO_ROOM.code}: "


@dataclass(frozen=True)
class Settings:
    """The names of what the function works with."""

    account_id: str
    bucket: str
    max_source_mib: str
    project: str
    repository: str
    topic: str


class BuildWaitsError(Exception):
    """CodeBuild doesn't take the build now: the message goes back to the queue."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, object], context: LambdaContext) -> PartialItemFailureResponse:
    """Takes a batch of the upload queue, and names the messages that have to come again."""
    return process_partial_response(event=event, record_handler=take, processor=processor, context=context)


def take(record: SQSRecord) -> None:
    """Takes one message, logs and counts what came of it."""
    outcome = "MessageFailed"
    try:
        here = settings.from_environment(Settings)
        upload = Upload.from_event(record.json_body, here.bucket)
        logger.append_keys(key=upload.version.key, version_id=upload.version.version_id)
        outcome = start(upload, here)
        logger.info(outcome)
    except BuildWaitsError as error:
        outcome = "BuildWaiting"
        logger.warning("The build waits", message_id=record.message_id, cause=str(error))
        raise
    except Exception:
        logger.exception("The message goes back to the queue", message_id=record.message_id)
        raise
    finally:
        logger.remove_keys(["key", "version_id"])
        metrics.add_metric(outcome, MetricUnit.Count, 1)


def start(upload: Upload, here: Settings) -> str:
    """Does what is left to do for an upload, in this order, and says what that was.

    Raises:
        BuildWaitsError: CodeBuild refused the build.
    """
    if upload.is_folder:
        return "FolderIgnored"
    source = Source(clients.s3(), upload.version, here.account_id)
    try:
        tags = source.tags()
    except UnreadableError as error:
        logger.warning("The version can't be read", cause=str(error))
        return end(source, None, Status("rejected", upload.image_tag, str(reasons.UNREADABLE)), here)
    carried, told = tags.get(statuses.IMAGE_TAG, ""), statuses.own_status(tags, upload.version)
    image_tag = carried if upload.version.owns(carried) else upload.image_tag
    if told in statuses.FINAL or repository.has(here.repository, image_tag):
        return "UploadDoneBefore"
    if reason := why_not(upload, source, int(here.max_source_mib)):
        return end(source, tags, Status("rejected", image_tag, str(reason)), here)
    if told and tags.get(statuses.REASON, "").startswith(WAITING) and is_behind(image_tag, here):
        return end(source, tags, Status("superseded", image_tag, str(reasons.SUPERSEDED)), here)
    ask(upload, source, tags, image_tag, here)
    return "BuildStarted"


def why_not(upload: Upload, source: Source, most_mib: int) -> Reason | None:
    """Why the upload can't be built, or nothing."""
    if not upload.key_is_usable:
        return reasons.KEY_UNUSABLE
    try:
        return archives.check(upload.size, partial(source.read, size=upload.size), most_mib)
    except UnreadableError as error:
        logger.warning("The version can't be read", cause=str(error))
        return reasons.UNREADABLE


def is_behind(image_tag: str, here: Settings) -> bool:
    """Whether the image of a newer upload is ready, so that this one's would never be recorded."""
    builds = Tags.classified(repository.tagged(here.repository), datetime.now(UTC)).builds
    return bool(builds) and builds[-1] > image_tag


def end(source: Source, tags: dict[str, str] | None, status: Status, here: Settings) -> str:
    """Notifies of an upload that gets no build. Its tags are None where they can't be read: then none are written."""
    seconds = int((datetime.now(UTC) - images.time_of(status.image_tag)).total_seconds())
    publisher.publish(Notification(here.project, source.version, status, None, seconds), here.topic)
    if tags is not None:
        publisher.write(source, tags, status)
    return f"Upload{status.name.capitalize()}"


def ask(upload: Upload, source: Source, tags: dict[str, str], image_tag: str, here: Settings) -> None:
    """Asks CodeBuild for the build; the upload carries `accepted` from before that on.

    Raises:
        BuildWaitsError: CodeBuild refused it; the upload's status says so.
    """
    building = Status("accepted", image_tag, BUILDING)
    if not statuses.own_status(tags, upload.version):  # one that waits keeps saying so until a build is really taken
        tags = publisher.write(source, tags, building)
    try:
        build = clients.codebuild().start_build(**upload.build_request(here.project, image_tag))["build"]
    except ClientError as error:
        full = error.response["Error"]["Code"] == "AccountLimitExceededException"
        waiting = Status("accepted", image_tag, str(reasons.NO_ROOM if full else reasons.REFUSED))
        publisher.write(source, tags, waiting)
        raise BuildWaitsError(str(error)) from error
    logger.info("CodeBuild took the build", build_id=build["id"], image_tag=image_tag)
    publisher.write(source, tags, building)
