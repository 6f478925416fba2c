"""Each check that asks a service: it holds on the expected answer, and finds the one that breaks its assumption."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest

from local.pipeline import Late, Pipeline
from tests.verify.support.answers import (
    DIGEST,
    OUTPUTS,
    SERVICE,
    STACK,
    Answers,
    alarm,
    builds,
    dashboard,
    deliveries,
    deployment,
    empty_receives,
    image,
    log_events,
    preview,
    put_again,
    queued,
    quotas,
    refusals,
    refused_builds,
    report,
    runs,
    scan,
    settled,
    stacks_twice,
)
from tests.verify.support.deletions import buckets, deleted, no_stack
from verify.checks import CHECKS, events
from verify.verdicts import DidNotHold, NotTried

AT_QUOTA = ") when calling the StartBuild operation: Cannot have more than 1 active builds"
THROTTLED = "ThrottlingException) when calling the StartBuild operation: Rate exceeded"
LOOKS = {check.assumption: check.look for check in CHECKS}


type Given = Callable[[Answers], object]
OCI = "application/vnd.oci.image.manifest.v1+json"
HOLDS: list[tuple[str, Given]] = [
    ("quota-names", lambda it: quotas(it, "Concurrently running builds for ARM/Small environment")),
    ("oci-images", lambda it: image(it, OCI)),
    ("immutable-tag-exclusions", lambda it: put_again(it, refused=True)),
    ("lifecycle-protection", lambda it: preview(it, "sha256:" + "2" * 64)),
    ("scan-on-push", lambda it: scan(it, "COMPLETE")),
    ("build-lines-arrive", lambda it: log_events(it, 2000)),
    ("builds-newest-first", lambda it: builds(it, 3, 2, 1)),
    ("provisioning-time", lambda it: builds(it, *range(10, 0, -1), provisioned=90)),
    ("lambda-runtime", lambda it: report(it, maxMemoryUsedMB=120)),
    ("lambda-bytecode", lambda it: report(it, initDurationMs=600.0)),
    ("action-resources", refusals),
    ("fifo-one-run", lambda it: runs(it, (3, 5), (1, 2), (5, 6))),
    ("dashboard-body", dashboard),
    ("alarms-may-publish", lambda it: alarm(it, f"Successfully executed action {OUTPUTS['AlarmTopicArn']}")),
    ("idle-polling", lambda it: empty_receives(it, 3, 900)),
    ("rules-may-send", deliveries),
    ("adoption-error", lambda it: deployment(it, "Resource of type 'AWS::ECR::Repository' already exists.")),
    ("failed-first-deployment", lambda it: buckets(it, "another", f"{STACK}-sourcebucket")),
    ("deleted-stack-described", lambda it: deleted(it, Description="Images")),
    ("lifecycle-counts-protected", lambda it: settled(it, 0, 1, 2, expiring=(1, 2))),
    ("build-start-time", lambda it: queued(it, 60, 90)),
    ("quota-refusal", lambda it: refused_builds(it, THROTTLED, f"AccountLimitExceededException{AT_QUOTA}")),
]
BROKEN: list[tuple[str, Given]] = [
    ("quota-names", lambda it: quotas(it, "Concurrently running builds for Linux/Small environment")),
    ("oci-images", lambda it: image(it, "application/vnd.docker.distribution.manifest.v2+json")),
    ("immutable-tag-exclusions", lambda it: put_again(it, refused=False)),
    ("lifecycle-protection", lambda it: preview(it, DIGEST, "sha256:" + "2" * 64)),
    ("scan-on-push", lambda it: scan(it, "FAILED")),
    ("scan-on-push", lambda it: scan(it, "")),
    ("build-lines-arrive", lambda it: log_events(it, 31_000)),
    ("builds-newest-first", lambda it: builds(it, 1, 2)),
    ("provisioning-time", lambda it: builds(it, *range(10, 0, -1), provisioned=91)),
    ("lambda-runtime", lambda it: report(it, maxMemoryUsedMB=512)),
    ("lambda-bytecode", lambda it: report(it, initDurationMs=1200.0)),
    ("action-resources", lambda it: refusals(it, "is not authorized to perform: ecr:PutImage")),
    ("fifo-one-run", lambda it: runs(it, (4, 6), (1, 5))),
    ("dashboard-body", lambda it: dashboard(it, "Invalid metric")),
    ("alarms-may-publish", alarm),
    ("alarms-may-publish", lambda it: alarm(it, "Failed to execute action")),
    ("idle-polling", lambda it: empty_receives(it, 3, 1251)),
    ("rules-may-send", lambda it: deliveries(it, 1.0)),
    ("rules-may-send", lambda it: deliveries(it, 1.0, came=False)),
    ("adoption-error", lambda it: deployment(it, f"Repository {SERVICE}: Internal failure")),
    ("failed-first-deployment", lambda it: buckets(it, f"{STACK}-second-sourcebucket")),
    ("deleted-stack-described", deleted),
    ("deleted-stack-described", lambda it: deleted(it, RoleARN="x" * 20)),
    ("deleted-stack-described", lambda it: deleted(it, events=0, Description="Images")),
    ("lifecycle-counts-protected", lambda it: settled(it, 0, 1, 2, expiring=(2,))),
    ("build-start-time", lambda it: queued(it, 60, 0)),
    ("quota-refusal", lambda it: refused_builds(it, f"LimitExceeded{AT_QUOTA}")),
]
UNTRIABLE: list[tuple[str, Given]] = [
    ("lifecycle-protection", preview),
    ("builds-newest-first", lambda it: builds(it, 1)),
    ("idle-polling", lambda it: empty_receives(it, 3)),
    ("rules-may-send", lambda it: deliveries(it, came=False)),
    ("adoption-error", lambda it: deployment(it, "sam build failed: no space left on device")),
    ("failed-first-deployment", lambda it: buckets(it, created="AWS::SQS::Queue")),
    ("deleted-stack-described", no_stack),
    ("lifecycle-counts-protected", lambda it: settled(it, 0)),
    ("lifecycle-counts-protected", lambda it: settled(it, 0, 1, latest=1)),
    ("build-start-time", lambda it: queued(it, 4, seconds=4)),
    ("quota-refusal", lambda it: refused_builds(it, THROTTLED)),
    ("quota-refusal", refused_builds),
    ("quota-names", lambda it: it.add("service-quotas", "list_service_quotas", {"Quotas": []})),
    ("batch-get-builds-speed", lambda it: it.add("codebuild", "list_builds_for_project", {"ids": ["one"]})),
    ("provisioning-time", lambda it: builds(it, *range(9, 0, -1))),
    ("lambda-runtime", report),
    ("lambda-bytecode", report),
    ("fifo-one-run", runs),
    ("idle-polling", lambda it: empty_receives(it, 1, 1)),
    ("describe-stacks-by-name", stacks_twice),
]


@pytest.mark.parametrize(("assumption", "given"), HOLDS, ids=[name for name, _ in HOLDS])
def test_it_holds_on_the_expected_answer(answers: Answers, assumption: str, given: Given) -> None:
    given(answers)

    assert LOOKS[assumption](answers.evidence).endswith((".", "1"))


@pytest.mark.parametrize(("assumption", "given"), BROKEN, ids=[name for name, _ in BROKEN])
def test_another_answer_is_found(answers: Answers, assumption: str, given: Given) -> None:
    given(answers)

    with pytest.raises(DidNotHold):
        LOOKS[assumption](answers.evidence)


@pytest.mark.parametrize(("assumption", "given"), UNTRIABLE, ids=[name for name, _ in UNTRIABLE])
def test_what_says_nothing_is_no_verdict(answers: Answers, assumption: str, given: Given) -> None:
    given(answers)

    with pytest.raises(NotTried):
        LOOKS[assumption](answers.evidence)


def test_a_refused_description_of_all_stacks_is_what_is_expected(answers: Answers) -> None:
    answers.add("cloudformation", "describe_stacks", {"Stacks": []})
    answers.refuse("cloudformation", "describe_stacks", "AccessDenied")

    assert LOOKS["describe-stacks-by-name"](answers.evidence).endswith("it was refused.")


@dataclass
class Queues:
    """The upload queue's policy, and the messages in the dead-letter queue, at one look after the other."""

    messages: list[int]
    policy: str = '{"Statement": []}'
    policies: list[str] = field(default_factory=list)

    def get_queue_attributes(self, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:  # noqa: N803
        if QueueUrl == "upload":
            assert AttributeNames == ["Policy", "QueueArn"]
            return {"Attributes": {"Policy": self.policy, "QueueArn": "arn"}}
        return {"Attributes": {"ApproximateNumberOfMessages": str(self.messages.pop(0))}}

    def set_queue_attributes(self, QueueUrl: str, Attributes: dict[str, str]) -> None:  # noqa: N803
        assert QueueUrl == "upload"
        self.policies.append(Attributes["Policy"])


@dataclass
class Clock:
    """The time, which passes with each pause."""

    now: float = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(
    ("signs", "messages", "holds"),
    [
        ([None], [0, 1], True),
        ([2.0, 2.0, None], [0, 0, 0, 1], True),
        ([None], [0, 0], False),
        ([2.0] * 6, [0] * 6, False),
    ],
    ids=["at once", "once the policy holds", "the event is lost", "the event is delivered all the same"],
)
def test_a_refused_delivery_has_to_come_to_the_dead_letters_and_the_policy_is_put_back(
    answers: Answers, monkeypatch: pytest.MonkeyPatch, signs: list[float | None], messages: list[int], holds: bool
) -> None:
    begun, queues = [replace(answers.evidence.begun, seconds=each) for each in signs], Queues(messages)
    monkeypatch.setattr(events, "begin_once", lambda *_: begun.pop(0))
    monkeypatch.setattr(events, "time", Clock())
    monkeypatch.setattr(events, "wait_for", once)
    answers.evidence.patience = 900.0
    answers.evidence.access.__dict__["sqs"] = queues
    outputs = {**OUTPUTS, "UploadQueueUrl": "upload", "UploadDeadLettersUrl": "dead"}
    answers.evidence.__dict__["_pipeline_once"] = (Pipeline(boto3.Session(), outputs, None, STACK), None)

    with nullcontext() if holds else pytest.raises(DidNotHold):
        LOOKS["eventbridge-dead-letters"](answers.evidence)
    assert (begun, queues.messages) == ([], [])
    assert [len(json.loads(each)["Statement"]) for each in queues.policies] == [1, 0]


def once(what: str, look: Callable[[], bool], _: float) -> None:
    """Looks once."""
    if not look():
        raise Late(f"{what} didn't happen.")
