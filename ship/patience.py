"""How long an upload is followed: what is late, and when it is no use to wait any longer. All times are in seconds."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ship.outcomes import UNRECORDED
from ship.problem import UNDONE
from ship.states import State

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

FOLLOWED = 5 * 3600
"""As long as an upload waits for its build: the upload queue's maxReceiveCount times its VisibilityTimeout."""


@dataclass(frozen=True)
class Wait:
    """For what an upload waits that should be quick: when that is late, and when it is given up, with which words."""

    late: int
    late_words: str
    given_up: int
    words: str
    to_do: str
    code: int = UNDONE


UNTOLD = Wait(
    late=2 * 60,  # an upload shows in S3 within seconds
    late_words="S3 has told nothing of it yet. After a first deployment that takes minutes. Is it the stack's bucket?",
    given_up=15 * 60,
    words="S3 has told nothing of this upload.",
    to_do="Upload it again. Is this the stack's source bucket?",
)
NOT_RECORDED = Wait(
    late=2 * 60,
    late_words="The build has ended, and its end isn't recorded yet. The stack looks again every 15 minutes.",
    given_up=20 * 60,
    words="The build has ended, and its end isn't recorded after 20 minutes.",
    to_do="Ask the operators to look at it: {doctor}",
    code=UNRECORDED,
)


def wait_of(state: State, build: "BuildTypeDef | None") -> Wait | None:
    """The wait that an upload is in; None for one that takes as long as it takes."""
    if build is None:
        return None if state.name else UNTOLD
    # A build that failed through nobody's fault is built again: then the status says so, and that it waits.
    is_built_again = bool(state.waits_for) and build.get("buildStatus") != "SUCCEEDED"
    return NOT_RECORDED if build["buildComplete"] and not is_built_again else None
