"""Checks of events and functions: from S3's event to the recording, and what Lambda reports."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

from core.notifying.statuses import STATUS
from local.pipeline import Late, wait_for
from verify.checking import Check
from verify.gathering.evidence import EVENT_SECONDS, Evidence, recorded
from verify.gathering.uploads import Begun, begin_once
from verify.verdicts import DidNotHold, NotTried, Partly

MINUTE = 60.0
"""Seconds in which an event has done its work. The schedule would do it within 15 minutes."""
REFUSED = "is not authorized to perform"
LOGS = ("StartBuildLogGroup", "RecordImageLogGroup")
UNKNOWN = "?AttributeError ?ParamValidationError ?UnknownServiceError"
"""A filter pattern: botocore's errors about an operation, a member or a service that it doesn't know."""
MOST_MEMORY = 512
MILLISECONDS = 1000
POLICY_SECONDS, PAUSE_SECONDS = 60.0, 15.0
"""SQS may take so long until a queue's new policy holds. An upload is tried every now and then."""


def events_start_late(evidence: Evidence) -> str:
    """How long after the deployment the first upload's event came."""
    begun = evidence.begun
    if begun.seconds is None:
        raise NotTried("Neither of two uploads had a sign: the rule, the queue or the function may be broken as well.")
    if not begun.is_fresh:
        raise NotTried("The stack had been there for more than ten minutes.")
    if begun.sent_again:
        raise DidNotHold(
            f"The upload right after the deployment had no sign after {EVENT_SECONDS:.0f} s, but a second had."
        )
    return f"The upload right after the deployment had its first sign after {begun.seconds:.0f} s."


def event_key_unencoded(evidence: Evidence) -> str:
    """Whether a key with a plus, a space and letters beyond ASCII arrives as it is."""
    story = evidence.odd_key
    if story.status == "rejected":
        raise DidNotHold(f"It is {story.status}: {story.reason}")
    recorded(story)
    return "An upload under such a key was recorded."


def event_time_order(evidence: Evidence) -> str:
    """Whether the build tags of a burst are in the order of its uploads."""
    tags = [each.get("image-tag", "") for _, each in evidence.burst]
    if tags != sorted(tags):
        raise DidNotHold("The build tags of a burst are in another order than its uploads.")
    last = evidence.burst[-1][1]["build-status"]
    if last == "superseded":
        raise DidNotHold("The newest upload of a burst is superseded.")
    if last != "recorded":
        raise NotTried(f"The newest upload of a burst is {last}.")
    return Partly(f"{len(tags)} versions of one key got build tags in their order, and the newest was recorded.")


def version_tag_permissions(evidence: Evidence) -> str:
    """Whether the functions could write the tags of a version, and an uploader could read them."""
    _ = evidence.first_build

    def look() -> str | None:
        return evidence.pipeline.tags(evidence.begun.upload).get(STATUS)

    try:
        status = wait_for("A status", look, evidence.patience)
    except Late as late:
        raise DidNotHold("The first upload was built, and its version has no status.") from late
    return f"The first upload's version has the status {status}."


def fifo_rule_targets(evidence: Evidence) -> str:
    """Whether the events of builds' ends led to recordings, before the schedule could."""
    story = evidence.first
    seconds = (evidence.recorded_at(story) - story.build_or_fail()["endTime"]).total_seconds()
    if seconds > MINUTE:
        raise DidNotHold(f"The first image was recorded {seconds:.0f} s after its build.")
    return f"The first image was recorded {seconds:.0f} s after its build."


def parameter_change_event(evidence: Evidence) -> str:
    """Whether `latest` follows a change of the parameter by hand, before the schedule could move it."""
    if evidence.rollback is None:
        raise DidNotHold(f"`latest` didn't follow a rollback within {MINUTE:.0f} s.")
    return f"`latest` followed a rollback after {evidence.rollback.seconds:.0f} s."


def lambda_boto3(evidence: Evidence) -> str:
    """Whether the functions' boto3 knew every operation and member that a recording takes."""
    if unknown := [line for name in LOGS for line in lines(evidence, name, UNKNOWN)]:
        raise DidNotHold(f"A function's log says: {unknown[0]}")
    return Partly(f"The functions built an upload and got it {evidence.first.status}. The version itself wasn't read.")


def lambda_runtime(evidence: Evidence) -> str:
    """How much memory a function used, by Lambda's own report."""
    used = [each["record"]["metrics"]["maxMemoryUsedMB"] for each in reports(evidence, "platform.report")]
    if not used:
        raise NotTried("StartBuild's log has no platform.report.")
    seen = f"StartBuild used at most {max(used)} MB. A zip with a directory of 4 MiB wasn't tried."
    if max(used) >= MOST_MEMORY:
        raise DidNotHold(seen)
    return Partly(seen)


def lambda_bytecode(evidence: Evidence) -> str:
    """How long a function's start takes, by Lambda's own report."""
    metrics = [each["record"]["metrics"] for each in reports(evidence, "platform.report")]
    starts = [each["initDurationMs"] / MILLISECONDS for each in metrics if "initDurationMs" in each]
    if not starts:
        raise NotTried("StartBuild's log has no platform.report with initDurationMs.")
    seen = f"StartBuild's slowest start took {max(starts):.2f} s."
    if max(starts) > 1:
        raise DidNotHold(seen)
    return seen


def action_resources(evidence: Evidence) -> str:
    """Whether AWS refused a request of one of the functions, so far."""
    recorded(evidence.first)
    refused = [line for name in LOGS for line in lines(evidence, name, f'"{REFUSED}"')]
    if refused:
        raise DidNotHold(f"A function's log says: {refused[0]}")
    return Partly("Neither function's log has a refusal, after all uploads so far. The verbs of `ship` weren't tried.")


def fifo_one_run(evidence: Evidence) -> str:
    """Whether two runs of RecordImage overlapped, by Lambda's own records."""
    recorded(evidence.first)
    found = [json.loads(line) for line in lines(evidence, "RecordImageLogGroup", '{ $.type = "platform.*" }')]
    runs: dict[str, dict[str, str]] = {}
    for each in found:
        if "requestId" in each["record"]:  # an initialization has none
            runs.setdefault(each["record"]["requestId"], {})[each["type"]] = each["time"]
    whole = sorted(
        (run["platform.start"], run["platform.report"])
        for run in runs.values()
        if run.keys() >= {"platform.start", "platform.report"}
    )
    if not whole:
        raise NotTried("RecordImage's log has no platform.start and platform.report.")
    if any(begin < end for (_, end), (begin, _) in pairwise(whole)):
        raise DidNotHold("Two runs of RecordImage overlap, by Lambda's own records.")
    return f"Of {len(whole)} runs of RecordImage, no two overlap."


def eventbridge_dead_letters(evidence: Evidence) -> str:
    """Whether an event that the upload queue refuses comes to the rule's dead-letter queue at once."""
    _ = evidence.first_build  # events come otherwise
    with denied_deliveries(evidence):
        settled = time.monotonic() + min(POLICY_SECONDS, evidence.patience)
        before, holds = waiting_messages(evidence), False
        while denied_upload(evidence).seconds is not None:
            if holds:
                raise DidNotHold("EventBridge delivered an event to a queue whose policy has denied that for a minute.")
            time.sleep(min(PAUSE_SECONDS, evidence.patience))
            before, holds = waiting_messages(evidence), time.monotonic() > settled
    try:
        wait_for("The event in the dead-letter queue", lambda: waiting_messages(evidence) > before, evidence.patience)
    except Late as late:
        raise DidNotHold(str(late)) from late
    return Partly(
        "An event that the upload queue refused came to the dead-letter queue. A retry for 24 hours wasn't tried."
    )


def denied_upload(evidence: Evidence) -> Begun:
    """An upload up to its first sign, which shouldn't come."""
    return begin_once(evidence.pipeline, "denied.zip", evidence.probe("denied"), min(3 * MINUTE, evidence.patience))


@contextmanager
def denied_deliveries(evidence: Evidence) -> Iterator[None]:
    """Has the upload queue refuse EventBridge's messages meanwhile.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
    """
    sqs, url = evidence.access.sqs, evidence.pipeline.outputs["UploadQueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy", "QueueArn"])["Attributes"]
    policy = json.loads(found["Policy"])
    sender = {"Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    deny = {"Effect": "Deny", "Resource": found["QueueArn"], **sender}
    changed = {**policy, "Statement": [*policy["Statement"], deny]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(changed)})
    try:
        yield
    finally:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": found["Policy"]})


def waiting_messages(evidence: Evidence) -> int:
    """How many messages the dead-letter queue has, approximately."""
    found = evidence.access.sqs.get_queue_attributes(
        QueueUrl=evidence.pipeline.outputs["UploadDeadLettersUrl"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


def reports(evidence: Evidence, kind: str) -> list[dict[str, dict[str, dict[str, float]]]]:
    """Lambda's own records of this type in StartBuild's log.

    https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
    """
    recorded(evidence.first)
    return [json.loads(line) for line in lines(evidence, "StartBuildLogGroup", f'{{ $.type = "{kind}" }}')]


def lines(evidence: Evidence, log: str, pattern: str) -> list[str]:
    """The lines of a function's log that fit a filter pattern.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
    """
    pages = evidence.pipeline.logs.get_paginator("filter_log_events").paginate(
        logGroupName=evidence.pipeline.outputs[log], filterPattern=pattern
    )
    return [event["message"] for page in pages for event in page["events"]]


CHECKS = [
    Check("events-start-late", events_start_late),
    Check("lambda-boto3", lambda_boto3),
    Check("version-tag-permissions", version_tag_permissions),
    Check("fifo-rule-targets", fifo_rule_targets),
    Check("lambda-runtime", lambda_runtime),
    Check("lambda-bytecode", lambda_bytecode),
    Check("parameter-change-event", parameter_change_event),
    Check("event-key-unencoded", event_key_unencoded),
    Check("event-time-order", event_time_order),
]
DISTURBING = [Check("eventbridge-dead-letters", eventbridge_dead_letters)]
"""It leaves an upload without a build, and a message in a dead-letter queue."""
LAST = [Check("fifo-one-run", fifo_one_run), Check("action-resources", action_resources)]
"""These look back at the whole run."""
