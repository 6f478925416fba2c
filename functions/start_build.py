"""Starts a build of each upload, or tells at once why it can't be built."""

from dataclasses import dataclass

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

import archives
import clients
import repository
import settings
import statuses
from sources import Source, UnreadableError
from statuses import Rejection
from uploads import Upload

logger = Logger()
metrics = Metrics()
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)

KEY_UNUSABLE = Rejection(
    "key-unusable", "The key is too long or has control characters. Upload the zip again under a plain name."
)
UNREADABLE = Rejection(
    "source-unreadable", "This version is gone, or encrypted with a key that builds may not use. Upload it again."
)
BUILDING = "A build is queued or runs."
NO_ROOM = "waiting: CodeBuild takes no more builds now. The quota of a new account may be 0: ask AWS to raise it"
REFUSED = "waiting: builds cannot be started now. The operators are told"


@dataclass(frozen=True)
class Settings:
    """The names of what the function works with."""

    account_id: str
    bucket: str
    max_source_mib: str
    project: str
    repository: str


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
        logger.append_keys(key=upload.key, version_id=upload.version_id)
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
    source = Source(upload, here.account_id)
    try:
        tags = source.tags()
    except UnreadableError as error:
        logger.warning("The version can't be read", cause=str(error))
        return "UploadRejected"
    carried = tags.get(statuses.IMAGE_TAG, "")
    image_tag = carried if upload.owns(carried) else upload.image_tag
    if statuses.is_final(tags, image_tag) or repository.has(here.repository, image_tag):
        return "UploadDoneBefore"
    if rejection := why_not(source, int(here.max_source_mib)):
        write_status(source, tags, "rejected", image_tag, str(rejection))
        return "UploadRejected"
    ask(source, tags, image_tag, here.project)
    return "BuildStarted"


def why_not(source: Source, most_mib: int) -> Rejection | None:
    """Why the upload can't be built, or nothing."""
    if not source.upload.key_is_usable:
        return KEY_UNUSABLE
    try:
        return archives.check(source.upload.size, source.read, most_mib)
    except UnreadableError as error:
        logger.warning("The version can't be read", cause=str(error))
        return UNREADABLE


def ask(source: Source, tags: dict[str, str], image_tag: str, project: str) -> None:
    """Asks CodeBuild for the build; the upload carries `accepted` from before that on.

    Raises:
        BuildWaitsError: CodeBuild refused it; the upload's status says so.
    """
    # One that has been refused before keeps saying so until a build is really started.
    if not (tags.get(statuses.STATUS) == "accepted" and tags.get(statuses.IMAGE_TAG) == image_tag):
        tags = write_status(source, tags, "accepted", image_tag, BUILDING)
    try:
        build = clients.codebuild().start_build(**source.upload.build_request(project, image_tag))["build"]
    except ClientError as error:
        full = error.response["Error"]["Code"] == "AccountLimitExceededException"
        write_status(source, tags, "accepted", image_tag, NO_ROOM if full else REFUSED)
        raise BuildWaitsError(str(error)) from error
    logger.info("CodeBuild took the build", build_id=build["id"], image_tag=image_tag)
    write_status(source, tags, "accepted", image_tag, BUILDING)


def write_status(source: Source, tags: dict[str, str], status: str, image_tag: str, reason: str) -> dict[str, str]:
    """Writes a status if the version doesn't carry it already, and gives its tags as they are then.

    That it can't be written holds nothing up: it is logged and counted.
    """
    try:
        wanted = statuses.with_status(tags, status, image_tag, reason)
        if wanted != tags:
            source.put_tags(wanted)
    except (statuses.NoRoomError, ClientError, BotoCoreError) as error:
        logger.warning("The status can't be written", status=status, reason=reason, cause=str(error))
        metrics.add_metric("StatusNotWritten", MetricUnit.Count, 1)
        return tags
    return wanted
