"""Checks everything that an upload needs, and says what to do about each finding."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait

from botocore.exceptions import BotoCoreError, ClientError

from ship.asked import Asked
from ship.aws.errors import POLICIES, action_of, is_refusal, problem_of
from ship.doctor.build_checks import of_last_build, of_last_uploads
from ship.doctor.deployment_checks import of_follower, of_service
from ship.doctor.findings import OK, PROBLEM, UNSEEN, WARNING, Finding
from ship.doctor.function_checks import of_metrics, of_record_image, of_start_build
from ship.doctor.recording_checks import of_recording
from ship.doctor.stack_checks import of_alarms, of_caller, of_queues, of_quota, of_stack
from ship.printable import json_of
from ship.problem import Problem
from ship.terminal import Terminal

CHECKS: dict[str, Callable[[Asked], Iterator[Finding]]] = {
    "who you are": of_caller,
    "the stack": of_stack,
    "the quota": of_quota,
    "the queues": of_queues,
    "the alarms": of_alarms,
    "StartBuild's log": of_start_build,
    "RecordImage's log": of_record_image,
    "the metrics": of_metrics,
    "the recorded image": of_recording,
    "the ECS service": of_service,
    "auto-deploy": of_follower,
    "the last build": of_last_build,
    "the last uploads": of_last_uploads,
}
"""The checks, in the order of their findings in the output."""
CLIENTS = ("sts", "quotas", "sqs", "cloudwatch", "logs", "ssm", "ecr", "ecs", "cloudformation", "codebuild", "s3")
MARKS = {OK: ("✓", "green"), WARNING: ("!", "yellow"), PROBLEM: ("✗", "red"), UNSEEN: ("?", "dim")}
PATIENCE = 2  # seconds until it names the checks that still run


def examine(asked: Asked, terminal: Terminal, *, as_json: bool) -> int:
    """Shows the findings and returns the exit code: 1 if something needs a person.

    Raises:
        Problem: only the bucket is known, or there is no access at all.
    """
    asked.require_stack()
    found = []
    for finding in looked_at(asked, terminal):
        found.append(finding)
        if not as_json:
            show(finding, terminal)
    if as_json:
        answered = [{"level": each.level, "what": each.what, "toDo": each.to_do or None} for each in found]
        terminal.answer(json_of(answered))
    return int(any(finding.level == PROBLEM for finding in found))


def looked_at(asked: Asked, terminal: Terminal) -> Iterator[Finding]:
    """The checks' findings, in order. The checks run concurrently, as each mostly waits for AWS."""
    for name in CLIENTS:  # boto3 sessions aren't thread-safe
        getattr(asked.access, name)
    with ThreadPoolExecutor(len(CHECKS)) as pool:
        looking = {what: pool.submit(tried, check, asked) for what, check in CHECKS.items()}
        late = wait(looking.values(), PATIENCE).not_done
        for what, check in looking.items():
            if check in late and not check.done():
                terminal.note(f"Still looking at {what}.", "dim")
            yield from check.result()


def show(finding: Finding, terminal: Terminal) -> None:
    """Prints a finding."""
    mark, style = MARKS[finding.level]
    terminal.answer(f"{mark} {finding.what}", style=style)
    if finding.to_do:
        terminal.answer(f"    {finding.to_do}")


def tried(check: Callable[[Asked], Iterator[Finding]], asked: Asked) -> list[Finding]:
    """A check's findings. If the check fails or lacks a permission, that is a finding."""
    found: list[Finding] = []
    try:
        found.extend(check(asked))
    except ClientError as error:
        if is_refusal(error):
            found.append(Finding(UNSEEN, f"You can't see this without the permission {action_of(error)}.", POLICIES))
        else:
            found.append(Finding(UNSEEN, problem_of(error).what))
    except BotoCoreError as error:
        found.append(Finding(UNSEEN, problem_of(error).what))
    except Problem as problem:
        found.append(Finding(PROBLEM, problem.what, problem.to_do))
    return found
