"""The leftovers of the example's stacks and of the run's events, by the run's names."""

from itertools import batched
from typing import TYPE_CHECKING

from local.progress import UserError
from ship.aws.access import Access
from tools.uninstall.things import found_or_none
from verify.run import Run

if TYPE_CHECKING:
    from mypy_boto3_ecs.literals import TaskDefinitionStatusType

MOST_DEFINITIONS = 10
"""How many DeleteTaskDefinitions deletes at once."""


def delete_events(access: Access, run: Run) -> None:
    """Deletes the rule and the queue for ECS's events."""
    events = access.session.client("events")
    if found_or_none(lambda: events.remove_targets(Rule=run.events, Ids=[run.events])):
        events.delete_rule(Name=run.events)
    if queue := found_or_none(lambda: access.sqs.get_queue_url(QueueName=run.events)):
        access.sqs.delete_queue(QueueUrl=queue["QueueUrl"])


def delete_definitions(access: Access, run: Run) -> None:
    """Deletes the service's task definitions: those that auto-deploy registered, and those that CloudFormation left.

    Raises:
        UserError: ECS keeps one. The text has its reason.
    """
    inactive, active = revisions(access, run, "INACTIVE"), revisions(access, run, "ACTIVE")
    for arn in active:
        access.ecs.deregister_task_definition(taskDefinition=arn)
    for some in batched([*inactive, *active], MOST_DEFINITIONS, strict=False):
        if failures := access.ecs.delete_task_definitions(taskDefinitions=list(some))["failures"]:
            raise UserError(f"ECS keeps {failures[0].get('arn')}: {failures[0].get('reason')}")


def revisions(access: Access, run: Run, status: "TaskDefinitionStatusType") -> list[str]:
    """The ARNs of the service's task definitions with this status."""
    pages = access.ecs.get_paginator("list_task_definitions").paginate(familyPrefix=run.service, status=status)
    return [arn for page in pages for arn in page["taskDefinitionArns"]]


def log_groups(access: Access, run: Run) -> list[str]:
    """The log groups with what the service's tasks printed."""
    pages = access.logs.get_paginator("describe_log_groups").paginate(logGroupNamePattern=run.ecs_stack)
    return [group["logGroupName"] for page in pages for group in page["logGroups"]]
