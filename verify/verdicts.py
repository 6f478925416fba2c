"""A check's verdict on one assumption, and how a check says it."""

from dataclasses import dataclass
from typing import Literal

from botocore.exceptions import BotoCoreError, ClientError, LoginError, SSOError, TokenRetrievalError

from local.pipeline import Late
from local.progress import UserError
from ship.aws.errors import EXPIRED, action_of, code_of, is_refusal

type Outcome = Literal["held", "held in part", "did not hold", "could not be tried"]


class DidNotHold(Exception):  # noqa: N818  # a finding, not a fault of the run
    """The assumption is false. The text says what was seen."""


class NotTried(Exception):  # noqa: N818
    """Nothing can be said about the assumption. The text says why."""


class Partly(str):
    """What was seen, if it shows only a part of the assumption. The text says which part wasn't tried."""

    __slots__ = ()


@dataclass(frozen=True)
class Verdict:
    """An outcome, and what was seen or why nothing was."""

    outcome: Outcome
    seen: str


FAULTY = "The check itself has a fault: "


def has_expired(error: Exception) -> bool:
    """Whether the credentials have expired, as an error of AWS, its SDK or a tool says."""
    match error:
        case ClientError():
            return code_of(error) in EXPIRED
        case UserError() | NotTried():
            return any(code in str(error) for code in EXPIRED)
    return isinstance(error, LoginError | SSOError | TokenRetrievalError)


def of_error(error: Exception) -> Verdict:
    """The verdict of a check that an error ended."""
    match error:
        case DidNotHold():
            return Verdict("did not hold", str(error))
        case ClientError() if is_refusal(error):
            return Verdict("could not be tried", f"The credentials lack the permission {action_of(error)}.")
        case ClientError():
            said = error.response.get("Error", {}).get("Message", "")
            return Verdict("could not be tried", f"AWS answers {error.operation_name} with {code_of(error)}: {said}")
        case UserError() | Late() | NotTried() | BotoCoreError():
            return Verdict("could not be tried", str(error))
    return Verdict("could not be tried", f"{FAULTY}{error!r}")
