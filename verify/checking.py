"""Runs the checks, one after the other."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from awscrt.exceptions import AwsCrtError

from local.progress import say
from ship.problem import Problem
from verify.assumptions import Assumption
from verify.gathering.evidence import Evidence
from verify.verdicts import Partly, Verdict, has_expired, of_error

type Look = Callable[[Evidence], str]
"""Looks at the evidence and returns what was seen, as Partly if that is a part. Raises DidNotHold or NotTried."""


@dataclass(frozen=True)
class Check:
    """The check that decides one assumption."""

    assumption: str
    look: Look


ELSEWHERE = "This endpoint isn't AWS's, and its emulator doesn't promise this. Seen: "


def decide(evidence: Evidence, checks: Iterable[Check], assumptions: Mapping[str, Assumption]) -> None:
    """Decides each assumption that has no verdict yet, and shows each verdict.

    Raises:
        Problem: the credentials have expired. What wasn't decided has no verdict.
    """
    for check in checks:
        if check.assumption in evidence.run.verdicts:
            continue
        began = time.monotonic()
        verdict = look(evidence, check)
        assumption = assumptions[check.assumption]
        if verdict.outcome == "did not hold" and not (assumption.emulated or assumption.switch or evidence.is_aws):
            verdict = Verdict("could not be tried", f"{ELSEWHERE}{verdict.seen}")
        evidence.run.decide(check.assumption, verdict)
        say(f"{check.assumption}: {verdict.outcome} ({time.monotonic() - began:.0f} s). {verdict.seen}")


def look(evidence: Evidence, check: Check) -> Verdict:
    """The verdict of one check."""
    try:
        seen = check.look(evidence)
        return Verdict("held in part" if isinstance(seen, Partly) else "held", str(seen))
    except AwsCrtError:
        raise  # a signal came while a request was signed
    except Exception as error:  # other checks go on
        if has_expired(error):
            raise Problem("The AWS credentials have expired.", "Log in again, then continue: add --resume.") from error
        return of_error(error)
