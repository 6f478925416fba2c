"""Starts a build for each upload, or rejects the upload with a reason."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from aws import clients, ecr, publisher
from aws.metrics import count
from aws.s3 import Source, UnreadableError
from aws.settings import from_environment
from core import build_requests, reasons
from core.build_tags import BuildTags, time_of
from core.notifying import statuses
from core.notifying.notifications import Notification
from core.notifying.statuses import Status
from core.reasons import Reason
from core.uploads import Upload
from core.zips import checks, zip_reasons

logger = Logger()
metrics = Metrics()

BUILDING = "A build is queued or runs."
# assumes: quota-refusal
BUSY = {"AccountLimitExceededException", "ThrottlingException"}
"""CodeBuild's error codes for a build that it can't start yet. They need a person only if they persist."""
TO_BEGIN = 20_000  # milliseconds that one message needs if a service doesn't answer its requests


@dataclass(frozen=True)
class Settings:
    """The function's settings: mostly names of the stack's resources."""

    account_id: str
    bucket: str
    dockerfile_path: str
    max_source_mib: str
    project: str
    repository: str
    topic: str


class BuildWaitsError(Exception):
    """CodeBuild can't start a build yet, so the message goes back to the queue."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Handles a batch from the upload queue and returns the messages to deliver again.

    Powertools' batch processor does the same but takes a quarter of the function's init time.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    again = []
    for number, message in enumerate(event["Records"]):
        if number and context.get_remaining_time_in_millis() < TO_BEGIN:
            count("MessagePostponed")  # the invocation might time out halfway through it
            again.append(message)
        elif not take(message):
            again.append(message)
    return {"batchItemFailures": [{"itemIdentifier": message["messageId"]} for message in again]}


def take(message: dict[str, Any]) -> bool:
    """Handles one message, logs and counts the outcome. Returns False if SQS has to deliver it again."""
    outcome = "MessageFailed"
    try:
        settings = from_environment(Settings)
        upload = Upload.from_event(json.loads(message["body"]), settings.bucket)
        logger.append_keys(key=upload.version.key, version_id=upload.version.version_id)
        outcome = start(upload, settings)
        logger.info(outcome)
    except BuildWaitsError as error:
        outcome = "BuildWaiting"
        logger.warning("The build waits", message_id=message["messageId"], cause=str(error))
        return False
    except Exception:
        logger.exception("The message goes back to the queue", message_id=message["messageId"])
        return False
    finally:
        logger.remove_keys(["key", "version_id"])
        count(outcome)
    return True


def start(upload: Upload, settings: Settings) -> str:
    """Does what is left to do for an upload and returns the outcome.

    Raises:
        BuildWaitsError: CodeBuild can't start a build yet.
        Exception: AWS refused a request or didn't answer. The upload's status then says that it waits.
    """
    if upload.is_folder:
        return "FolderIgnored"
    source = Source(clients.s3(), upload.version, settings.account_id)
    try:
        tags = source.tags()
    except UnreadableError as error:
        logger.warning("The version is gone", cause=str(error))
        if ecr.has(clients.ecr(), settings.repository, upload.image_tag):
            return "UploadDoneBefore"
        return finish(source, None, Status("rejected", upload.image_tag, str(zip_reasons.UNREADABLE)), settings)
    carried = tags.get(statuses.IMAGE_TAG, "")
    image_tag = carried if upload.version.owns(carried) else upload.image_tag
    before = statuses.read(tags, upload.version)
    if before and before.name in statuses.FINAL:
        return "UploadDoneBefore"
    try:
        return proceed(upload, source, tags, image_tag, settings)
    except Exception as error:
        waiting = Status("waiting", image_tag, str(cause(error)))
        publisher.write_status(source, tags, waiting)
        raise


def proceed(upload: Upload, source: Source, tags: dict[str, str], image_tag: str, settings: Settings) -> str:
    """Starts the build of an upload without a final status, unless a check forbids it. The order matters."""
    if ecr.has(clients.ecr(), settings.repository, image_tag):
        return "UploadDoneBefore"
    if reason := check(upload, source, settings):
        return finish(source, tags, Status("rejected", image_tag, str(reason)), settings)
    before = statuses.read(tags, upload.version)
    if before and before.name == "waiting" and is_behind(image_tag, settings):
        return finish(source, tags, Status("superseded", image_tag, str(reasons.SUPERSEDED)), settings)
    request_build(upload, source, tags, image_tag, settings)
    return "BuildStarted"


def check(upload: Upload, source: Source, settings: Settings) -> Reason | None:
    """The reason to reject the upload, if there is one."""
    if not upload.key_is_usable:
        return zip_reasons.KEY_UNUSABLE
    try:
        fetch = partial(source.read, size=upload.size)
        return checks.check(upload.size, fetch, int(settings.max_source_mib), settings.dockerfile_path)
    except UnreadableError as error:
        logger.warning("The version can't be read", cause=str(error))
        return zip_reasons.UNREADABLE


def is_behind(image_tag: str, settings: Settings) -> bool:
    """Whether a newer upload's image is ready, so this upload's would never be recorded."""
    ours = BuildTags.classified(ecr.tagged(clients.ecr(), settings.repository), datetime.now(UTC)).ours
    return bool(ours) and ours[-1] > image_tag


def finish(source: Source, tags: dict[str, str] | None, status: Status, settings: Settings) -> str:
    """Publishes the final status of an upload that gets no build. `tags` is None if they can't be read or written."""
    seconds = int((datetime.now(UTC) - time_of(status.image_tag)).total_seconds())
    publisher.publish(Notification(settings.project, source.version, status, None, seconds), settings.topic)
    if tags is not None:
        publisher.write_status(source, tags, status)
    return status.counted_as


def request_build(upload: Upload, source: Source, tags: dict[str, str], image_tag: str, settings: Settings) -> None:
    """Starts the build. The upload gets the status `accepted` before that.

    Raises:
        BuildWaitsError: CodeBuild can't start a build yet.
        ClientError: CodeBuild refused it for another reason.
    """
    building = Status("accepted", image_tag, BUILDING)
    if not statuses.read(tags, upload.version):  # a waiting upload says so until CodeBuild accepts the build
        tags = publisher.write_status(source, tags, building)
    try:
        request = build_requests.for_upload(settings.project, upload.version, image_tag)
        build = clients.codebuild().start_build(**request)["build"]
    except ClientError as error:
        if error.response["Error"]["Code"] in BUSY:
            raise BuildWaitsError(str(error)) from error
        raise
    logger.info("CodeBuild took the build", build_id=build["id"], image_tag=image_tag)
    publisher.write_status(source, tags, building)


def cause(error: Exception) -> Reason:
    """The reason why an upload waits, for its uploader."""
    refusal = error.__cause__ if isinstance(error, BuildWaitsError) else error
    if not isinstance(refusal, ClientError):
        return reasons.UNANSWERED
    code = refusal.response["Error"]["Code"]
    if code == "AccountLimitExceededException":
        return reasons.NO_ROOM
    return reasons.refused(refusal.operation_name, code)
