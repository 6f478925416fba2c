"""Publishes an upload's status: an event for programs, an email for people, and tags on the version."""

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from aws import clients
from aws.metrics import count
from aws.s3 import Source, UnreadableError
from core.notifying import statuses
from core.notifying.notifications import Notification
from core.notifying.statuses import NoRoomError, Status

logger = Logger()


class NotPublishedError(Exception):
    """EventBridge didn't accept the event."""


def publish(notification: Notification, topic: str) -> None:
    """Publishes the event, then the email. The event counts as the notification: a failing email isn't repeated.

    Raises:
        NotPublishedError: EventBridge answered that it didn't accept the event.
        ClientError: EventBridge refused the request.
        BotoCoreError: EventBridge didn't answer.
    """
    answer = clients.events().put_events(Entries=[notification.entry])
    if answer["FailedEntryCount"]:  # the answer reports it, without an exception
        raise NotPublishedError(f"EventBridge didn't accept the event: {answer['Entries'][0].get('ErrorCode')}")
    logger.info("Notified", **notification.detail)
    if notification.is_mailed:
        mail(notification, topic)


def mail(notification: Notification, topic: str) -> None:
    """Sends the email. A failure is only logged and counted, as the event has been published."""
    try:
        clients.sns().publish(TopicArn=topic, Subject=notification.subject, Message=notification.body)
    except (ClientError, BotoCoreError) as error:
        logger.warning("The mail can't be sent", subject=notification.subject, cause=str(error))
        count("MailFailed")


def write_status(source: Source, tags: dict[str, str], status: Status) -> dict[str, str]:
    """Writes a status unless the version already has it, and returns the version's tags after that.

    A failure is only logged and counted.
    """
    try:
        wanted = statuses.with_status(tags, status)
        if wanted != tags:
            source.put_tags(wanted)
    except (NoRoomError, UnreadableError) as error:
        logger.info("The version takes no status", status=status.name, reason=status.reason, cause=str(error))
        count("StatusHasNoPlace")
        return tags
    except (ClientError, BotoCoreError) as error:
        logger.warning("The status can't be written", status=status.name, reason=status.reason, cause=str(error))
        count("StatusNotWritten")
        return tags
    return wanted


def is_writable(source: Source, tags: dict[str, str], image_tag: str) -> bool:
    """Whether a status can be written to a version. It tries with the present status, or one that isn't final."""
    trial = Status("accepted", image_tag, "The build has ended.")
    try:
        source.put_tags(tags if statuses.read(tags, source.version) else statuses.with_status(tags, trial))
    except (NoRoomError, UnreadableError):
        return False
    except (ClientError, BotoCoreError) as error:
        logger.warning("No status can be written", cause=str(error))
        count("StatusNotWritten")
        return False
    return True
