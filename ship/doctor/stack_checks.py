"""Checks of the caller and the stack: its state, its account's quota, its queues and its alarms."""

from collections.abc import Iterator

from ship.asked import Asked
from ship.aws.errors import in_words
from ship.doctor.findings import OK, PROBLEM, UNSEEN, WARNING, Finding
from ship.terminal import moment


def of_caller(asked: Asked) -> Iterator[Finding]:
    """The caller and the region."""
    with in_words():
        caller = asked.access.sts.get_caller_identity()
    yield Finding(OK, f"You are {caller['Arn']}, in {asked.access.session.region_name}.")


def of_stack(asked: Asked) -> Iterator[Finding]:
    """Whether the stack is completely deployed."""
    stack = asked.stack
    what = f"The stack {stack.name} of {stack.service} is {stack.status}."
    if stack.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}:
        yield Finding(OK, what)
    elif stack.status.endswith("IN_PROGRESS"):
        yield Finding(WARNING, what, "Wait until it is complete.")
    elif stack.status == "UPDATE_ROLLBACK_COMPLETE":
        yield Finding(
            WARNING, what, "The last deployment failed and the previous version works. Check the stack's events."
        )
    else:
        yield Finding(PROBLEM, what, "Check the stack's events, then deploy it again.")


def of_quota(asked: Asked) -> Iterator[Finding]:
    """Whether the account's quota allows builds: https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html."""
    size = asked.stack.compute_type.rpartition("_")[2].capitalize()
    pages = asked.access.quotas.get_paginator("list_service_quotas").paginate(ServiceCode="codebuild")
    # assumes: quota-names
    quotas = [quota for page in pages for quota in page["Quotas"] if f"ARM/{size} " in quota["QuotaName"]]
    for quota in quotas:
        ask = f'Ask for more in Service Quotas: AWS CodeBuild, "{quota["QuotaName"]}".'
        most = int(quota["Value"])
        level = PROBLEM if most == 0 else WARNING if most == 1 else OK
        yield Finding(level, f"Concurrent builds on ARM/{size}: {most}.", "" if level == OK else ask)
    if not quotas:
        yield Finding(UNSEEN, f"Service Quotas lists no quota for ARM/{size}.")


def of_queues(asked: Asked) -> Iterator[Finding]:
    """Messages that wait, and messages in the dead-letter queues."""
    stack = asked.stack
    waiting = messages(asked, stack.upload_queue)
    yield Finding(OK, f"Waiting uploads: {waiting}.")
    given_up = messages(asked, stack.upload_dead_letters)
    queue = stack.upload_dead_letters.rpartition("/")[2]
    redrive = f"Find the cause in StartBuild's log, {stack.start_build_log}. Then redrive the queue {queue}."
    yield Finding(PROBLEM if given_up else OK, f"Uploads given up: {given_up}.", redrive if given_up else "")
    failed = messages(asked, stack.trigger_dead_letters)
    cause = f"Find the cause in RecordImage's log, {stack.record_image_log}."
    yield Finding(PROBLEM if failed else OK, f"Recordings that failed five times: {failed}.", cause if failed else "")


def messages(asked: Asked, queue: str) -> int:
    """The number of messages in a queue, including those in flight."""
    counted = asked.access.sqs.get_queue_attributes(
        QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    )["Attributes"]
    return sum(int(number) for number in counted.values())


def of_alarms(asked: Asked) -> Iterator[Finding]:
    """The stack's alarms that are on. An alarm is the stack's if it notifies the stack's alarm topic."""
    pages = asked.access.cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{asked.stack.name}-")
    ours = [
        alarm for page in pages for alarm in page["MetricAlarms"] if asked.stack.alarm_topic in alarm["AlarmActions"]
    ]
    ringing = [alarm for alarm in ours if alarm["StateValue"] == "ALARM"]
    for alarm in ringing:
        since = moment(alarm["StateUpdatedTimestamp"])
        yield Finding(PROBLEM, f"The alarm {alarm['AlarmName']} has been on since {since}.", alarm["AlarmDescription"])
    if not ours:
        yield Finding(UNSEEN, f"No alarm of the stack {asked.stack.name} was found.")
    elif not ringing:
        yield Finding(OK, f"None of the stack's {len(ours)} alarms is on.")
