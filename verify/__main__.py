"""`make verify-aws`: tries each assumption about AWS on the caller's account, and reports which ones hold."""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from awscrt.exceptions import AwsCrtError

from local.emulator import ROOT
from local.progress import UserError, say
from ship.aws.access import Access
from ship.aws.errors import in_words
from ship.problem import Problem
from verify import removal, report
from verify.announcement import announcement
from verify.assumptions import Assumption, all_of_them
from verify.checking import decide
from verify.checks import CHECKS, FARGATE
from verify.gathering.evidence import EVENT_SECONDS, PATIENCE, Evidence
from verify.gathering.times import measure
from verify.run import Run
from verify.untried import UNTRIED

HELD, NOT_HELD, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


interrupts: list[float] = []
"""When signals came. boto3's native code may turn the exception that one raises into an AwsCrtError."""
SAME_SECONDS = 1.0
"""A second signal so soon comes from the same key, by way of make."""


def interrupt(*_: object) -> None:
    """Ends a run early: with its report and its removal. Another signal ends these, too."""
    interrupts.append(time.monotonic())
    if len(interrupts) == 1 or interrupts[-1] - interrupts[0] > SAME_SECONDS:
        raise KeyboardInterrupt


def main() -> int:
    """Runs the command. Returns 0, 1 if an assumption didn't hold or something is left, or 2 if it couldn't begin."""
    given = parsed(sys.argv[1:])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        with in_words():
            return verify(given)
    except Problem as problem:
        print(f"{problem.what} {problem.to_do or ''}".rstrip(), file=sys.stderr)
    except UserError as error:
        print(error, file=sys.stderr)
    except (KeyboardInterrupt, EOFError):
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    return UNUSABLE


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The command's options."""
    parser = argparse.ArgumentParser(prog="make verify-aws", description=__doc__)
    parser.add_argument("--profile", help="the AWS CLI's profile")
    parser.add_argument("--region", help="the AWS region")
    parser.add_argument("--only", metavar="ID", nargs="+", help="try only these assumptions")
    parser.add_argument("--fargate", action="store_true", help="also deploy the example's service in ECS on Fargate")
    parser.add_argument("--keep", action="store_true", help="keep the stack, to look at it or to go on with --resume")
    parser.add_argument("--resume", action="store_true", help="go on with the last run: try what has no verdict yet")
    parser.add_argument("--again", metavar="ID", nargs="+", default=[], help="with --resume: try these once more")
    parser.add_argument("--remove", action="store_true", help="only delete what earlier runs have left")
    parser.add_argument(
        "--patience", type=float, default=PATIENCE, help="seconds to wait for metrics, scans and alarms"
    )
    parser.add_argument(
        "--event-patience", type=float, default=EVENT_SECONDS, help="seconds to wait for an upload's first sign"
    )
    parser.add_argument("--uploads", type=int, default=10, help="measure the time of so many uploads in a row")
    parser.add_argument("--yes", action="store_true", help="don't ask")
    return parser.parse_args(arguments)


def verify(given: argparse.Namespace) -> int:
    """Does what the options say."""
    unknown = {*(given.only or ()), *given.again} - {check.assumption for check in CHECKS}
    if unknown:
        raise UserError(f"No check is named {', '.join(sorted(unknown))}. docs/assumptions.md lists them.")
    access = Access(given.profile, given.region)
    access.require()
    account, region = access.sts.get_caller_identity()["Account"], access.session.region_name
    left = removal.unremoved(access, account, region)
    if given.resume and left:
        return one_run(access, left[-1], given)
    if given.resume:
        raise UserError("There is no run to go on with.")
    if left:
        say("These earlier runs may have left something:")
        for run in left:
            say(f"  {run.stack}, begun {run.began or 'at an unknown time'}")
        if not (given.remove and given.yes) and (given.yes or not confirmed("Delete what they have left?")):
            raise UserError("To go on with the last one, add --resume. To delete what they have left, add --remove.")
        code = remove_all(access, left)
        if given.remove or code != HELD:
            return code
    if given.remove:
        say("No run has left anything.")
        return HELD
    return one_run(access, Run.new(account, region), given)


def one_run(access: Access, run: Run, given: argparse.Namespace) -> int:
    """Tries the assumptions in one run, and removes what it created."""
    assumptions = all_of_them()
    chosen = [check for check in CHECKS if check.assumption in (given.only or assumptions)]
    prepare(run, given)
    left_out = {*UNTRIED, *(() if run.fargate else FARGATE)}
    tried = [check for check in chosen if check.assumption not in left_out]
    say(announcement(run, len(tried), len(assumptions), given.uploads, keeps=given.keep))
    if not (given.yes or confirmed("Begin?")):
        raise UserError("Nothing was created.")
    run.save()  # before anything is created
    evidence = Evidence(access, run, given.patience, given.event_patience)
    left = [f"the stack {run.stack}, and what belongs to it"]
    try:
        try:
            decide(evidence, chosen, assumptions)
            if given.uploads:
                measure(evidence, given.uploads)
        except (KeyboardInterrupt, AwsCrtError):
            if not interrupts:
                raise
            say("Interrupted. To leave the removal to the next call, interrupt again.")
        finally:
            say(
                f"The report: {report.write(run, assumptions, version(), evidence.is_aws)}. Read it before you send it."
            )
        if not given.keep:
            left = removal.remove(access, run)
    finally:
        for each in left:
            say(f"Left: {each}")
        if left:
            say('To delete it: make verify-aws OPTIONS="--remove", with the same profile and region.')
    if interrupts:
        return INTERRUPTED
    return NOT_HELD if (left and not given.keep) or failed(run, assumptions) else HELD


def prepare(run: Run, given: argparse.Namespace) -> None:
    """Forgets the verdicts that are to be decided once more, and adds Fargate to a run that went on without it."""
    added = FARGATE if given.fargate and not run.fargate else set()
    for name in {*given.again, *added}:
        run.verdicts.pop(name, None)
    run.fargate |= given.fargate


def failed(run: Run, assumptions: dict[str, Assumption]) -> bool:
    """Whether an assumption didn't hold."""
    return any(run.verdicts[name].outcome == "did not hold" for name in assumptions if name in run.verdicts)


def remove_all(access: Access, runs: list[Run]) -> int:
    """Removes what these runs have left."""
    left = [each for run in runs for each in removal.remove(access, run)]
    for each in left:
        say(f"Left: {each}")
    if not left:
        say("Nothing is left.")
    return NOT_HELD if left else HELD


def confirmed(question: str) -> bool:
    """Whether the caller says yes. At no terminal, nobody does."""
    if not sys.stdin.isatty():
        raise UserError(f"{question} Nobody can answer here: add --yes.")
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def version() -> str:
    """The checkout's commit."""
    ended = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return ended.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
