"""Notifies of what became of an upload: machines by an event, people by a mail, the uploader by tags on the version."""

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import BotoCoreError, ClientError

from core import statuses
from core.notifications import Notification
from core.statuses import NoRoomError, Status
from edge import clients
from edge.source import Source

logger = Logger()
metrics = Metrics()


class NotPublishedError(Exception):
    """EventBridge didn't take the event."""


def publish(notification: Notification, topic: str) -> None:
    """Publishes the event, then the mail.

    Raises:
        NotPublishedError: EventBridge answered that it didn't take the event.
        ClientError: a request was refused.
        BotoCoreError: a service didn't answer.
    """
    answer = clients.events().put_events(Entries=[notification.entry])
    if answer["FailedEntryCount"]:  # said in the answer, not by an exception
        raise NotPublishedError(f"EventBridge took no event: {answer['Entries'][0].get('ErrorCode')}")
    if notification.is_mailed:
        clients.sns().publish(TopicArn=topic, Subject=notification.subject, Message=notification.body)
    logger.info("Notified", **notification.detail)


def write(source: Source, tags: dict[str, str], status: Status) -> dict[str, str]:
    """Writes a status if the version doesn't carry it already, and gives its tags as they are then.

    That it can't be written holds nothing up: it is logged and counted.
    """
    try:
        wanted = statuses.with_status(tags, status)
        if wanted != tags:
            source.put_tags(wanted)
    except (NoRoomError, ClientError, BotoCoreError) as error:
        not_written(status, error)
        return tags
    return wanted


def not_written(status: Status, cause: Exception) -> None:
    """Logs and counts a status that the version doesn't carry."""
    logger.warning("The status can't be written", status=status.name, reason=status.reason, cause=str(cause))
    metrics.add_metric("StatusNotWritten", MetricUnit.Count, 1)
