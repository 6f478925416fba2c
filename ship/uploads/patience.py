"""The limits while an upload is followed: when a step is late, and when to stop waiting. All times are in seconds."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ship.aws.s3 import State
from ship.outcomes import TIMED_OUT, UNRECORDED
from ship.problem import UNDONE

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

FOLLOWED = 5 * 3600
"""How long StartBuild retries an upload: the upload queue's maxReceiveCount times its VisibilityTimeout."""


@dataclass(frozen=True)
class Wait:
    """A step that should be quick: when it is late, when to stop waiting for it, and what to say then."""

    late: int
    late_words: str
    given_up: int
    words: str
    to_do: str
    code: int = UNDONE


NOT_NOTICED = Wait(
    late=2 * 60,  # an upload shows in S3 within seconds
    late_words="S3 hasn't reported the upload yet. For some minutes after the first deployment, S3 reports no uploads.",
    given_up=15 * 60,
    words="S3 hasn't reported this upload.",
    to_do="Upload it again. Is this the stack's source bucket?",
)
NOT_RECORDED = Wait(
    late=2 * 60,
    late_words="The build has ended, but isn't recorded yet. The stack checks again every 15 minutes.",
    given_up=20 * 60,
    words="The build has ended, but isn't recorded after 20 minutes.",
    to_do="Ask the operators to run: {doctor}",
    code=UNRECORDED,
)
NOT_DECIDED = Wait(
    late=10 * 60,
    late_words="ECS doesn't run the image yet. A deployment that takes more than 30 minutes counts as not healthy.",
    given_up=40 * 60,
    words="The image is recorded, but 40 minutes later it isn't known whether ECS runs it.",
    to_do="To see what the service runs: {status}\nTo find the cause: {doctor}",
    code=TIMED_OUT,
)
"""auto-deploy gives a deployment up after 30 minutes."""


def wait_of(state: State, build: "BuildTypeDef | None") -> Wait | None:
    """The step that an upload waits for. None for steps without a time limit."""
    if state.is_final:
        return NOT_DECIDED
    if build is None:
        return None if state.name else NOT_NOTICED
    # After a fault that isn't the upload's there is another build. The status then says that the upload waits.
    is_built_again = state.name == "waiting" and build.get("buildStatus") != "SUCCEEDED"
    return NOT_RECORDED if build["buildComplete"] and not is_built_again else None
