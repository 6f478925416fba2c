"""A stack whose first deployment failed: what it had created, and what CloudFormation says once it is deleted."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from local.progress import step
from ship.aws.access import Access
from ship.aws.cloudformation import MISSING
from ship.aws.errors import code_of
from verify import removal, stacks
from verify.verdicts import NotTried

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef


@dataclass(frozen=True)
class DeletedStack:
    """The types of what the stack had created, and its description and its events after the deletion, by its id.

    `described` is None if CloudFormation doesn't know the id.
    """

    made: frozenset[str]
    described: "StackTypeDef | None"
    deletions: int


def delete_and_look(access: Access, name: str) -> DeletedStack:
    """Deletes the stack, and looks it up by its id.

    Raises:
        NotTried: there is no such stack.
        UserError: CloudFormation couldn't delete it.
    """
    events, made = stacks.events(access, name), stacks.made(access, name)
    if not events:
        raise NotTried("The second stack isn't there. An earlier call has deleted it.")
    stack_id = events[0]["StackId"]
    with step("Deleting the stack whose first deployment failed"):
        removal.delete(access, name)
    deletions = sum(each["ResourceStatus"] == "DELETE_COMPLETE" for each in stacks.events(access, stack_id))
    return DeletedStack(frozenset(made), described(access, stack_id), deletions)


def described(access: Access, stack_id: str) -> "StackTypeDef | None":
    """CloudFormation's description of the stack. None if it doesn't know the id."""
    try:
        (found,) = access.cloudformation.describe_stacks(StackName=stack_id)["Stacks"]
    except ClientError as error:
        if code_of(error) != MISSING:
            raise
        return None
    return found
