"""Deletes a stack, and follows the deletion to its end."""

import time

from botocore.exceptions import ClientError

from local.progress import UserError
from ship.aws.access import Access
from ship.aws.errors import code_of
from tools.uninstall.plan import Stack

POLL_SECONDS = 2.0
BEGINNING_SECONDS = 30.0
"""After a request to delete a stack, until its status has to show that."""


def delete_stack(access: Access, stack: Stack) -> None:
    """Deletes a stack, or follows a deletion that has begun, until the stack is gone.

    Raises:
        UserError: CloudFormation couldn't delete it. The text has its reasons.
    """
    if stack.status != "DELETE_IN_PROGRESS":
        access.cloudformation.delete_stack(StackName=stack.id)
    deadline = time.monotonic() + BEGINNING_SECONDS
    while True:
        (found,) = access.cloudformation.describe_stacks(StackName=stack.id)["Stacks"]
        status = found["StackStatus"]
        if status == "DELETE_COMPLETE":
            return
        if status != "DELETE_IN_PROGRESS" and (status != stack.status or time.monotonic() > deadline):
            reasons = failures(access, stack.id) or [found.get("StackStatusReason", "")]
            raise UserError("\n  ".join([f"CloudFormation didn't delete {stack.name} ({status}):", *reasons]))
        time.sleep(POLL_SECONDS)


def exists(access: Access, name: str) -> bool:
    """Whether there is a stack of this name."""
    try:
        return bool(access.cloudformation.describe_stacks(StackName=name)["Stacks"])
    except ClientError as error:
        if code_of(error) == "ValidationError" and "does not exist" in str(error):
            return False
        raise


def failures(access: Access, stack_id: str) -> list[str]:
    """Why the last deletion failed: each resource that couldn't be deleted, with its reason."""
    pages = access.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
    reasons: list[str] = []
    for event in (event for page in pages for event in page["StackEvents"]):  # the newest first
        if event["ResourceType"] == "AWS::CloudFormation::Stack":
            if event["ResourceStatus"] == "DELETE_IN_PROGRESS":
                break
        elif event["ResourceStatus"] == "DELETE_FAILED":
            reasons.append(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}")
    return reasons
