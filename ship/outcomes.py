"""A command's result: exit codes, JSON, and the command to continue with."""

from core.build_log import Ending
from core.reasons import Reason
from core.uploads import ObjectVersion
from ship.aws.cloudformation import Stack
from ship.aws.s3 import State

EXIT_CODES = {"recorded": 0, "failed": 1, "rejected": 1, "superseded": 3}
"""By the upload's final status. 2, `ship.problem.UNDONE`, means that `ship` couldn't do what it was asked."""
UNRECORDED, TIMED_OUT, INTERRUPTED = 4, 124, 130
"""A build has ended but isn't recorded; --timeout has passed (like `timeout`); Ctrl-C."""
READER_GONE = 141  # as in shells: 128 plus the number of SIGPIPE


def going_on(stack: Stack, version: ObjectVersion) -> str:
    """The command that follows an upload."""
    return stack.command("logs", "--version", version.version_id, "--follow", key=version.key)


def names_of(stack: Stack, version: ObjectVersion) -> dict[str, str | None]:
    """Names the upload, with the keys of the events."""
    return {
        "service": stack.service or None,
        "bucket": version.bucket,
        "key": version.key,
        "versionId": version.version_id or None,
    }


def detail_of(
    stack: Stack,
    state: State,
    build_id: str | None = None,
    reason: Reason | None = None,
    ending: Ending | None = None,
) -> dict[str, object]:
    """An upload's result, with the keys of docs/reference/events.md. `reason` and `ending` come from its log."""
    return {
        **names_of(stack, state.version),
        "status": state.name or None,
        "reason": str(reason or state.reason) or None,
        "ending": ending.sentence if ending else None,
        "output": list(said.output) if (said := reason or ending) else [],
        "imageTag": state.image_tag or None,
        "imageUri": state.image_uri or None,
        "buildId": build_id,
    }
