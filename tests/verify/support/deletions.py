"""CloudFormation's answers about the second stack, whose first deployment failed, before and after its deletion."""

from tests.verify.support.answers import STACK, Answers, deployment
from tests.verify.support.stories import UPLOADED


def deleted(answers: Answers, created: str = "AWS::S3::Bucket", events: int = 1, **known: str) -> None:
    """The second stack is deleted, which had created something. CloudFormation describes it so by its id, if at all."""
    deployment(answers, "Resource already exists")
    stack = {
        "StackName": f"{STACK}-second",
        "StackId": "id",
        "CreationTime": UPLOADED,
        "StackStatus": "CREATE_COMPLETE",
    }
    event = {"StackId": "id", "EventId": "1", "StackName": "x", "Timestamp": UPLOADED}
    event |= {"ResourceType": created, "ResourceStatus": "CREATE_COMPLETE"}
    for _ in range(2):
        answers.add("cloudformation", "describe_stack_events", {"StackEvents": [event]})
    for _ in range(3):
        answers.add("cloudformation", "describe_stacks", {"Stacks": [stack]})
    gone = stack | {"StackStatus": "DELETE_COMPLETE"}
    answers.add("cloudformation", "delete_stack", {})
    answers.add("cloudformation", "describe_stacks", {"Stacks": [gone]})
    listed = [event | {"ResourceStatus": "DELETE_COMPLETE"}] * events
    answers.add("cloudformation", "describe_stack_events", {"StackEvents": listed})
    if known:
        answers.add("cloudformation", "describe_stacks", {"Stacks": [gone | known]})
    else:
        answers.refuse("cloudformation", "describe_stacks", "ValidationError", "Stack with id id does not exist")


def no_stack(answers: Answers) -> None:
    """The second stack was deleted before."""
    deployment(answers, "Resource already exists")
    for _ in range(2):
        answers.refuse("cloudformation", "describe_stack_events", "ValidationError", "Stack with id x does not exist")


def buckets(answers: Answers, *names: str, created: str = "AWS::S3::Bucket") -> None:
    """The second stack is deleted, and these buckets are there."""
    deleted(answers, created, Description="Images")
    answers.add("s3", "list_buckets", {"Buckets": [{"Name": name} for name in names]})
