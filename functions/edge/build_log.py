"""The end of a build's log."""

import time
from collections.abc import Callable

from core import build_failures
from core.builds import Build
from core.reasons import Reason
from edge import clients

LAST_MESSAGES = 1000  # the reason, what `docker build` says of a failure, and some lines before it
LOOK_AGAIN_SECONDS = 5  # CodeBuild's event may be here before the log's end
PAUSE_SECONDS = 1


def reason(build: Build, may_look_again: Callable[[], bool]) -> Reason | None:
    """Why a build failed, as its log says; None if it doesn't, or not yet: CodeBuild's event may be here before it."""
    deadline = time.monotonic() + LOOK_AGAIN_SECONDS
    while not (found := build_failures.reason_in(last_messages(build))):
        if time.monotonic() + PAUSE_SECONDS > deadline or not may_look_again():
            return None
        time.sleep(PAUSE_SECONDS)
    return found


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
