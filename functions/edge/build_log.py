"""The end of a build's log."""

import time
from collections.abc import Callable

from core import reasons
from core.builds import Build
from core.reasons import Reason
from edge import clients

LAST_MESSAGES = 100
LOOK_AGAIN_SECONDS = 5  # CodeBuild's event may be here before the log's end
PAUSE_SECONDS = 1


def reason(build: Build, is_time_left: Callable[[], bool]) -> Reason:
    """Why a build failed: as its log says, or as its status does. A log that isn't there is no error."""
    deadline = time.monotonic() + LOOK_AGAIN_SECONDS
    while build.status == "FAILED" and build.ran_commands and is_time_left():
        if found := reasons.in_log(last_messages(build)):
            return found
        if time.monotonic() + PAUSE_SECONDS > deadline:
            break
        time.sleep(PAUSE_SECONDS)
    return build.reason


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
