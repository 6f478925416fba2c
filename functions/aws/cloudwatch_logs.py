"""CloudWatch Logs: the end of a build's log."""

import time
from collections.abc import Callable

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from aws import clients
from core.build_log import Ending, ending_in, reason_in
from core.builds import Build
from core.reasons import Reason

logger = Logger()

# After the line with the ending come the push's lines; after an older builder's reason, its command, which CodeBuild
# quotes twice.
LAST_MESSAGES = 1000
LOOK_AGAIN_SECONDS = 5  # CodeBuild's event may arrive before the log's last lines
PAUSE_SECONDS = 1


def reason(build: Build, may_look_again: Callable[[], bool]) -> Reason | None:
    """The reason in a failed build's log. None if it isn't there within some seconds: the event may arrive first."""
    deadline = time.monotonic() + LOOK_AGAIN_SECONDS
    while not (found := reason_in(last_messages(build))):
        if time.monotonic() + PAUSE_SECONDS > deadline or not may_look_again():
            return None
        time.sleep(PAUSE_SECONDS)
    return found


def ending(build: Build) -> Ending | None:
    """How the image's program ended during its trial. None if it didn't, or if the log can't be read."""
    try:
        return ending_in(last_messages(build))
    except (ClientError, BotoCoreError) as error:
        logger.info("The build's log can't be read", cause=str(error))
        return None


def last_messages(build: Build) -> list[str]:
    """The log's last messages, the oldest first. Empty if there is no log yet."""
    if build.log is None:
        return []
    client, (group, stream) = clients.logs(), build.log
    try:
        page = client.get_log_events(logGroupName=group, logStreamName=stream, limit=LAST_MESSAGES)
        # assumes: build-log-silence
        if not page["events"]:  # an empty page isn't the end of the log: there may be more behind the token
            token = page["nextBackwardToken"]
            page = client.get_log_events(logGroupName=group, logStreamName=stream, limit=LAST_MESSAGES, nextToken=token)
    except client.exceptions.ResourceNotFoundException:
        return []
    return [event["message"] for event in page["events"]]
