"""`ship doctor`: looks at all that an upload needs, and says of each finding what to do."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from core.build_tags import BuildTags
from ship.access import POLICIES, action_of, in_words, is_refusal, problem_of
from ship.asked import Asked
from ship.problem import Problem
from ship.records import Records, records
from ship.terminal import Terminal, answer

OK, WARNING, PROBLEM, UNSEEN = "ok", "warning", "problem", "unseen"
MARKS = {OK: ("✓", "green"), WARNING: ("!", "yellow"), PROBLEM: ("✗", "red"), UNSEEN: ("?", "dim")}
OPERATIONS = "the operators' page"


@dataclass(frozen=True)
class Finding:
    """What was found, and what to do about it."""

    level: str
    what: str
    to_do: str = ""


def examine(asked: Asked, terminal: Terminal, *, as_json: bool) -> int:
    """Looks, and gives the exit code: 1 if there is a problem.

    Raises:
        Problem: nothing but the bucket is known, or there is no access at all.
    """
    asked.require_stack()
    found = []
    for check in (of_caller, of_stack, of_quota, of_queues, of_recording, of_last_upload):
        for finding in tried(check, asked):
            found.append(finding)
            if not as_json:
                show(finding, terminal)
    if as_json:
        answer(json.dumps([{"level": each.level, "what": each.what, "toDo": each.to_do or None} for each in found]))
    return int(any(finding.level == PROBLEM for finding in found))


def show(finding: Finding, terminal: Terminal) -> None:
    """Prints a finding."""
    mark, style = MARKS[finding.level]
    terminal.out(f"{mark} {finding.what}", style)
    if finding.to_do:
        terminal.out(f"    {finding.to_do}")


def tried(check: Callable[[Asked], Iterator[Finding]], asked: Asked) -> Iterator[Finding]:
    """What a check finds; where the caller lacks a right, that."""
    try:
        yield from check(asked)
    except ClientError as error:
        if is_refusal(error):
            yield Finding(UNSEEN, f"Not seen: that takes {action_of(error)}.", POLICIES)
        else:
            yield Finding(UNSEEN, problem_of(error).what)
    except BotoCoreError as error:
        yield Finding(UNSEEN, problem_of(error).what)
    except Problem as problem:
        yield Finding(PROBLEM, problem.what, problem.to_do)


def of_caller(asked: Asked) -> Iterator[Finding]:
    """Who asks, and where."""
    with in_words():
        caller = asked.access.sts.get_caller_identity()
    yield Finding(OK, f"You are {caller['Arn']}, in {asked.access.session.region_name}.")


def of_stack(asked: Asked) -> Iterator[Finding]:
    """Whether the stack is whole."""
    stack = asked.stack
    what = f"The stack {stack.name} of {stack.service} is {stack.status}."
    if stack.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}:
        yield Finding(OK, what)
    elif stack.status.endswith("IN_PROGRESS"):
        yield Finding(WARNING, what, "Wait for its end.")
    elif stack.status == "UPDATE_ROLLBACK_COMPLETE":
        yield Finding(WARNING, what, "The last deployment failed; what was before works. Look at the stack's events.")
    else:
        yield Finding(PROBLEM, what, "Look at the stack's events, then deploy it again.")


def of_quota(asked: Asked) -> Iterator[Finding]:
    """Whether the account may run builds: https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html."""
    size = asked.stack.compute_type.rpartition("_")[2].capitalize()
    pages = asked.access.quotas.get_paginator("list_service_quotas").paginate(ServiceCode="codebuild")
    quotas = [quota for page in pages for quota in page["Quotas"] if f"ARM/{size} " in quota["QuotaName"]]
    ask = f"Ask AWS for more: {OPERATIONS}, The quota."
    for quota in quotas:
        most = int(quota["Value"])
        level = PROBLEM if most == 0 else WARNING if most == 1 else OK
        yield Finding(level, f"Builds on ARM/{size} at once: {most}.", "" if level == OK else ask)
    if not quotas:
        yield Finding(UNSEEN, f"Service Quotas lists none for ARM/{size}.")


def of_queues(asked: Asked) -> Iterator[Finding]:
    """What waits, and what was given up."""
    stack = asked.stack
    waiting = messages(asked, stack.upload_queue)
    yield Finding(OK, f"Uploads that wait: {waiting}.")
    given_up = messages(asked, stack.upload_dead_letters)
    redrive = f"Find the cause in StartBuild's log, then redrive: {OPERATIONS}."
    yield Finding(PROBLEM if given_up else OK, f"Uploads that were given up: {given_up}.", redrive if given_up else "")
    failed = messages(asked, stack.trigger_dead_letters)
    cause = f"Find the cause in RecordImage's log: {OPERATIONS}."
    yield Finding(PROBLEM if failed else OK, f"Recordings that failed five times: {failed}.", cause if failed else "")


def messages(asked: Asked, queue: str) -> int:
    """How many messages a queue holds, those that are being worked on included."""
    counted = asked.access.sqs.get_queue_attributes(
        QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    )["Attributes"]
    return sum(int(number) for number in counted.values())


def of_recording(asked: Asked) -> Iterator[Finding]:
    """What the parameter names, and whether that is there and stays."""
    found = records(asked.access, asked.stack)
    if not found.namings:
        yield Finding(
            WARNING,
            f"{asked.stack.parameter} doesn't exist yet.",
            f"Upload a source: {asked.stack.command('up')}",
        )
        return
    yield of_parameter(found, asked)
    yield of_image(found)
    foreign = BuildTags.classified(found.tagged, datetime.now(UTC)).foreign
    if foreign:
        listed = ", ".join(foreign)
        yield Finding(WARNING, f"Tags that look like a build's, and aren't recorded: {listed}.", "Remove them.")


def of_parameter(found: Records, asked: Asked) -> Finding:
    """Whether the parameter names the newest image."""
    current, name = found.current, asked.stack.parameter
    if not current.uri.startswith(f"{found.repository_uri}@sha256:"):
        return Finding(
            PROBLEM,
            f"{name} names {current.uri}, no image of this stack.",
            f"Put back what was: {asked.stack.command('rollback')}",
        )
    if found.is_rolled_back:
        return Finding(
            WARNING,
            f"{name} is rolled back to {found.current_tag}.",
            f"It holds until the next upload, or until: {asked.stack.command('forward')}",
        )
    return Finding(OK, f"{name} names {found.current_tag}.")


def of_image(found: Records) -> Finding:
    """Whether the image that the parameter names is there, and can't expire."""
    digest = found.current.uri.partition("@")[2]
    if digest not in found.tagged.values():
        return Finding(PROBLEM, "Its image isn't in the repository.", "Roll back to one that is, or upload again.")
    kept = found.protection(digest)
    if kept:
        return Finding(OK, f"Its image is there, and {kept} keeps it from expiring.")
    return Finding(WARNING, "Its image has no protection yet.", "RecordImage gives it within a quarter of an hour.")


def of_last_upload(asked: Asked) -> Iterator[Finding]:
    """What became of the last upload that was built."""
    for state in asked.last(1):
        key, name = state.version.key, state.name or "without a status"
        if state.name == "failed":
            yield Finding(
                WARNING, f"The last upload that was built, {key}, failed.", asked.stack.command("why", key=key)
            )
        elif state.waits_for:
            yield Finding(WARNING, f"The last upload that was built, {key}, waits: {state.waits_for}")
        else:
            yield Finding(OK, f"The last upload that was built, {key}, is {name}.")
