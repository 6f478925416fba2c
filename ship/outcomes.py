"""A command's result: exit codes, JSON, and the command to continue with."""

from core.build_log import Ending
from core.notifying.statuses import DEPLOYED
from core.reasons import Reason
from core.uploads import ObjectVersion
from ship.aws.cloudformation import Stack
from ship.aws.s3 import State
from ship.until import Until

RECORDED = frozenset({"recorded", *DEPLOYED})
"""The statuses of recorded uploads."""
EXIT_CODES = {"failed": 1, "rejected": 1, "superseded": 3, **dict.fromkeys(RECORDED, 0)}
"""By the upload's final status. 2, `ship.problem.UNDONE`, means that `ship` couldn't do what it was asked."""
DEPLOYMENT_CODES = {"not-healthy": 5, "replaced": 6, "rolled-back": 6}
"""By the statuses whose exit codes differ with `Until.RUNNING`."""
UNRECORDED, TIMED_OUT, INTERRUPTED = 4, 124, 130
"""A build has ended but isn't recorded; --timeout has passed (like `timeout`); Ctrl-C."""
READER_GONE = 141  # as in shells: 128 plus the number of SIGPIPE


def is_over(state: State, until: Until) -> bool:
    """Whether an upload is followed no longer."""
    return state.is_final and not (until is Until.RUNNING and state.name == "recorded")


def exit_code(state: State, until: Until) -> int:
    """The exit code for an upload's final status."""
    by_deployment = DEPLOYMENT_CODES if until is Until.RUNNING else {}
    return by_deployment.get(state.name, EXIT_CODES[state.name])


def going_on(stack: Stack, version: ObjectVersion, until: Until = Until.RECORDED) -> str:
    """The command that follows an upload."""
    further = () if until is Until.RECORDED else ("--until", until)
    return stack.command("logs", "--version", version.version_id, "--follow", *further, key=version.key)


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
    *,
    reason: Reason | None = None,
    ending: Ending | None = None,
    log: str | None = None,
) -> dict[str, object]:
    """An upload's result, with the keys of docs/reference/events.md.

    `reason` and `ending` come from the build's log, or `reason` and `log` from auto-deploy's record.
    """
    return {
        **names_of(stack, state.version),
        "status": state.name or None,
        "reason": str(reason or state.reason) or None,
        "ending": ending.sentence if ending else None,
        "output": list(said.output) if (said := reason or ending) else [],
        "log": log,
        "imageTag": state.image_tag or None,
        "imageUri": state.image_uri or None,
        "buildId": build_id,
    }
