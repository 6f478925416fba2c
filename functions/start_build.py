"""Starts a build of each upload, or says at once why it can't be built."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from core import archives, build_requests, reasons, statuses
from core.build_tags import BuildTags, time_of
from core.notifications import Notification
from core.reasons import Reason
from core.statuses import Status
from core.uploads import Upload
from edge import clients, publisher, repository
from edge.metrics import count
from edge.settings import from_environment
from edge.source import Source, UnreadableError

logger = Logger()
metrics = Metrics()

BUILDING = "A build is queued or runs."
BUSY = {"AccountLimitExceededException", "ThrottlingException"}
"""What CodeBuild answers when it takes no build now and nobody has to mend anything, unless it stays so."""
TO_BEGIN = 20_000  # milliseconds for one message whose requests a service leaves without an answer


@dataclass(frozen=True)
class Settings:
    """The names of what the function works with."""

    account_id: str
    bucket: str
    dockerfile_path: str
    max_source_mib: str
    project: str
    repository: str
    topic: str


class BuildWaitsError(Exception):
    """CodeBuild takes no build now: the message goes back to the queue."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Takes a batch of the upload queue, and names the messages that have to come again.

    Powertools' batch processor does the same, and takes a quarter of the function's init.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    again = []
    for number, message in enumerate(event["Records"]):
        if number and context.get_remaining_time_in_millis() < TO_BEGIN:
            count("MessagePostponed")  # the invocation might end in the middle of it
            again.append(message)
        elif not take(message):
            again.append(message)
    return {"batchItemFailures": [{"itemIdentifier": message["messageId"]} for message in again]}


def take(message: dict[str, Any]) -> bool:
    """Takes one message, logs and counts what came of it; False if it has to come again."""
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
    """Does what is left to do for an upload, and says what that was.

    Raises:
        BuildWaitsError: CodeBuild takes no build now.
        Exception: AWS refused something or didn't answer, which is no verdict: the upload's status says that it waits.
    """
    if upload.is_folder:
        return "FolderIgnored"
    source = Source(clients.s3(), upload.version, settings.account_id)
    try:
        tags = source.tags()
    except UnreadableError as error:
        logger.warning("The version is gone", cause=str(error))
        if repository.has(settings.repository, upload.image_tag):
            return "UploadDoneBefore"
        return finish(source, None, Status("rejected", upload.image_tag, str(reasons.UNREADABLE)), settings)
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
    """Builds an upload that has no end yet, or says why not; in this order."""
    if repository.has(settings.repository, image_tag):
        return "UploadDoneBefore"
    if reason := check(upload, source, settings):
        return finish(source, tags, Status("rejected", image_tag, str(reason)), settings)
    before = statuses.read(tags, upload.version)
    if before and before.name == "waiting" and is_behind(image_tag, settings):
        return finish(source, tags, Status("superseded", image_tag, str(reasons.SUPERSEDED)), settings)
    request_build(upload, source, tags, image_tag, settings)
    return "BuildStarted"


def check(upload: Upload, source: Source, settings: Settings) -> Reason | None:
    """Why the upload can't be built, or nothing."""
    if not upload.key_is_usable:
        return reasons.KEY_UNUSABLE
    try:
        fetch = partial(source.read, size=upload.size)
        return archives.check(upload.size, fetch, int(settings.max_source_mib), settings.dockerfile_path)
    except UnreadableError as error:
        logger.warning("The version can't be read", cause=str(error))
        return reasons.UNREADABLE


def is_behind(image_tag: str, settings: Settings) -> bool:
    """Whether the image of a newer upload is ready, so that this one's would never be recorded."""
    ours = BuildTags.classified(repository.tagged(settings.repository), datetime.now(UTC)).ours
    return bool(ours) and ours[-1] > image_tag


def finish(source: Source, tags: dict[str, str] | None, status: Status, settings: Settings) -> str:
    """Notifies of an upload that gets no build. Its tags are None where they can't be read: then none are written."""
    seconds = int((datetime.now(UTC) - time_of(status.image_tag)).total_seconds())
    publisher.publish(Notification(settings.project, source.version, status, None, seconds), settings.topic)
    if tags is not None:
        publisher.write_status(source, tags, status)
    return status.counted_as


def request_build(upload: Upload, source: Source, tags: dict[str, str], image_tag: str, settings: Settings) -> None:
    """Asks CodeBuild for the build; the upload carries `accepted` from before that on.

    Raises:
        BuildWaitsError: CodeBuild takes no build now.
        ClientError: CodeBuild refused it otherwise.
    """
    building = Status("accepted", image_tag, BUILDING)
    if not statuses.read(tags, upload.version):  # one that waits keeps saying so until a build is really taken
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
    """Why an upload waits, in the uploader's words."""
    refusal = error.__cause__ if isinstance(error, BuildWaitsError) else error
    if not isinstance(refusal, ClientError):
        return reasons.UNANSWERED
    code = refusal.response["Error"]["Code"]
    if code == "AccountLimitExceededException":
        return reasons.NO_ROOM
    return reasons.refused(refusal.operation_name, code)
