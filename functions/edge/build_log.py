"""CloudWatch Logs: the end of a build's log."""

import time
from collections.abc import Callable

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from core.build_log import Ending, ending_in, reason_in
from core.builds import Build
from core.reasons import Reason
from edge import clients

logger = Logger()

# An ending is followed by the lines of a push, an older build's reason by its command, which CodeBuild quotes twice.
LAST_MESSAGES = 1000
LOOK_AGAIN_SECONDS = 5  # CodeBuild's event may be here before the log's end
PAUSE_SECONDS = 1


def reason(build: Build, may_look_again: Callable[[], bool]) -> Reason | None:
    """Why a build failed, as its log says; None if it doesn't, or not yet: CodeBuild's event may be here before it."""
    deadline = time.monotonic() + LOOK_AGAIN_SECONDS
    while not (found := reason_in(last_messages(build))):
        if time.monotonic() + PAUSE_SECONDS > deadline or not may_look_again():
            return None
        time.sleep(PAUSE_SECONDS)
    return found


def ending(build: Build) -> Ending | None:
    """How the image's program ended while it was tried; None if the log doesn't say so, or can't be read now."""
    try:
        return ending_in(last_messages(build))
    except (ClientError, BotoCoreError) as error:
        logger.info("The build's log can't be read", cause=str(error))
        return None


def last_messages(build: Build) -> list[str]:
    """The last messages of the log, the oldest first; none if there is no log, or not yet."""
    if build.log is None:
        return []
    client, (group, stream) = clients.logs(), build.log
    try:
        page = client.get_log_events(logGroupName=group, logStreamName=stream, limit=LAST_MESSAGES)
        if not page["events"]:  # that is no sign of the log's end: there may be more behind the token
            token = page["nextBackwardToken"]
            page = client.get_log_events(logGroupName=group, logStreamName=stream, limit=LAST_MESSAGES, nextToken=token)
    except client.exceptions.ResourceNotFoundException:
        return []
    return [event["message"] for event in page["events"]]
