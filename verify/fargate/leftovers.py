"""What the example's stacks and the run's events leave behind, by the run's names."""

from contextlib import suppress
from itertools import batched
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ship.aws.access import Access
from ship.aws.errors import code_of
from verify.run import Run

if TYPE_CHECKING:
    from mypy_boto3_ecs.literals import TaskDefinitionStatusType

MOST_DEFINITIONS = 10
"""How many DeleteTaskDefinitions deletes at once."""


def delete_events(access: Access, run: Run) -> None:
    """Deletes the rule and the queue for ECS's events."""
    events = access.session.client("events")
    with suppress(events.exceptions.ResourceNotFoundException):
        events.remove_targets(Rule=run.events, Ids=[run.events])
        events.delete_rule(Name=run.events)
    try:
        access.sqs.delete_queue(QueueUrl=access.sqs.get_queue_url(QueueName=run.events)["QueueUrl"])
    except ClientError as error:
        if code_of(error) not in {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}:
            raise


def delete_definitions(access: Access, run: Run) -> None:
    """Deletes the service's task definitions: those that auto-deploy registered, and those that CloudFormation left."""
    for arn in revisions(access, run, "ACTIVE"):
        access.ecs.deregister_task_definition(taskDefinition=arn)
    for some in batched(revisions(access, run, "INACTIVE"), MOST_DEFINITIONS, strict=False):
        access.ecs.delete_task_definitions(taskDefinitions=list(some))


def revisions(access: Access, run: Run, status: "TaskDefinitionStatusType") -> list[str]:
    """The ARNs of the service's task definitions with this status."""
    pages = access.ecs.get_paginator("list_task_definitions").paginate(familyPrefix=run.service, status=status)
    return [arn for page in pages for arn in page["taskDefinitionArns"]]


def log_groups(access: Access, run: Run) -> list[str]:
    """The log groups with what the service's tasks printed."""
    pages = access.logs.get_paginator("describe_log_groups").paginate(logGroupNamePattern=run.ecs_stack)
    return [group["logGroupName"] for page in pages for group in page["logGroups"]]
