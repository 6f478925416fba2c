"""What a command comes to: exit codes, the answer for programs, and the commands that go on from there."""

import shlex

from core.reasons import Reason
from core.uploads import ObjectVersion
from ship.stack import Stack
from ship.states import State

EXIT_CODES = {"recorded": 0, "failed": 1, "rejected": 1, "superseded": 3}
"""By the upload's final status. 2 is for what couldn't be done."""
UNDONE, INTERRUPTED = 2, 130
READER_GONE = 141  # as shells have it: 128 and the number of SIGPIPE


def command(*words: str) -> str:
    """A command of ship that can be pasted, whatever is in a key."""
    return shlex.join(["ship", *words])


def going_on(stack: Stack, version: ObjectVersion) -> str:
    """The command that follows an upload."""
    place = () if stack.is_known else ("--bucket", stack.bucket)
    return command("logs", version.key, "--version", version.version_id, "--follow", *place)


def names_of(stack: Stack, version: ObjectVersion) -> dict[str, str | None]:
    """Which upload it is, in the words of the events."""
    return {
        "service": stack.service or None,
        "bucket": version.bucket,
        "key": version.key,
        "versionId": version.version_id or None,
    }


def detail_of(
    stack: Stack, state: State, build_id: str | None = None, reason: Reason | None = None
) -> dict[str, object]:
    """What became of an upload, in the words of the events (docs/events.md); the reason as its log has it, if known."""
    return {
        **names_of(stack, state.version),
        "status": state.name or None,
        "reason": str(reason or state.reason) or None,
        "output": list(reason.output) if reason else [],
        "imageTag": state.image_tag or None,
        "imageUri": state.image_uri or None,
        "buildId": build_id,
    }
