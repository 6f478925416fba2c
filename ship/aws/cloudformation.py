"""Finds the stack by its outputs."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ship.aws.access import Access
from ship.aws.errors import code_of, in_words, is_refusal
from ship.place import Place
from ship.problem import Problem

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

OURS = {"SourceBucketName", "RepositoryUri", "ParameterName", "ProjectName"}
"""Outputs that together identify our stack."""
DEFAULT = "source-to-ecr"
DESCRIPTION = "Source to ECR."
"""The beginning of the template's description."""
MISSING = "ValidationError"
"""DescribeStacks' error code for a stack that doesn't exist."""
TO_DEPLOY = "Is that the right account and region (--profile, --region)?"
EVENTS = "The stack's events in the CloudFormation console say why."
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
NOT_WHOLE = {
    "REVIEW_IN_PROGRESS": "It was never deployed. Deploy it and confirm the changeset.",
    "CREATE_IN_PROGRESS": "It is being created. Try again when it is complete.",
    "CREATE_FAILED": f"Its creation failed. {EVENTS} Delete it, then deploy it again.",
    "ROLLBACK_IN_PROGRESS": f"Its creation failed and is being rolled back. {EVENTS}",
    "ROLLBACK_COMPLETE": f"Its creation failed and was rolled back. {EVENTS} Delete it, then deploy it again.",
    "ROLLBACK_FAILED": f"Its creation failed and left resources behind. {EVENTS} Delete it, then deploy it again.",
    "DELETE_IN_PROGRESS": "It is being deleted.",
    "DELETE_FAILED": f"Its deletion failed and left resources behind. {EVENTS} Delete it again.",
    "DELETE_COMPLETE": "It was deleted.",
}
"""The states in which a stack can't accept uploads, and what to do."""


@dataclass(frozen=True)
class Stack:
    """A deployed stack. For callers who may only upload, only its bucket is known."""

    bucket: str
    name: str = ""
    account: str | None = None
    service: str = ""
    repository_uri: str = ""
    parameter: str = ""
    upload_queue: str = ""
    upload_dead_letters: str = ""
    trigger_dead_letters: str = ""
    alarm_topic: str = ""
    start_build: str = ""
    start_build_log: str = ""
    record_image: str = ""
    record_image_log: str = ""
    since: datetime | None = None
    status: str = ""
    compute_type: str = ""
    dockerfile: str = "Dockerfile"
    largest_mib: int = 5120
    has_mirror: bool = True
    """Whether it uses a mirror of Docker Hub, as far as is known."""
    place: Place = field(default_factory=Place)
    """The options with which the caller chose it."""

    @property
    def is_known(self) -> bool:
        """Whether more than its bucket is known."""
        return bool(self.name)

    @property
    def repository(self) -> str:
        """The repository's name."""
        return self.repository_uri.rpartition("/")[2]

    def command(self, verb: str, *options: str, key: str | None = None) -> str:
        """A `ship` command for this stack, quoted for the shell."""
        return self.place.command(verb, *options, key=key)

    @classmethod
    def from_answer(cls, answer: "StackTypeDef") -> "Stack | None":
        """The stack in a DescribeStacks response. None if it is another kind of stack or isn't completely deployed."""
        outputs, parameters = outputs_of(answer), parameters_of(answer)
        if not outputs.keys() >= OURS or answer["StackStatus"] in NOT_WHOLE:
            return None
        return cls(
            bucket=outputs["SourceBucketName"],
            name=answer["StackName"],
            account=answer["StackId"].split(":")[4],
            service=outputs["ProjectName"],
            repository_uri=outputs["RepositoryUri"],
            parameter=outputs["ParameterName"],
            upload_queue=outputs.get("UploadQueueUrl", ""),
            upload_dead_letters=outputs.get("UploadDeadLettersUrl", ""),
            trigger_dead_letters=outputs.get("TriggerDeadLettersUrl", ""),
            alarm_topic=outputs.get("AlarmTopicArn", ""),
            start_build=outputs.get("StartBuildFunction", ""),
            start_build_log=outputs.get("StartBuildLogGroup", ""),
            record_image=outputs.get("RecordImageFunction", ""),
            record_image_log=outputs.get("RecordImageLogGroup", ""),
            since=answer.get("CreationTime"),
            status=answer["StackStatus"],
            compute_type=parameters.get("BuildComputeType", ""),
            dockerfile=parameters.get("DockerfilePath") or cls.dockerfile,
            largest_mib=int(parameters.get("MaxSourceMiB") or cls.largest_mib),
            has_mirror=parameters.get("DockerHubMirror") != "",
        )


def find(access: Access, service: str | None, name: str | None, bucket: str | None = None) -> Stack:
    """The stack with this service or name, or the only one. With `bucket`, there is no lookup.

    Raises:
        Problem: there is none or more than one, it isn't completely deployed, or the caller can't look it up.
    """
    if bucket and (service or name):
        raise Problem("You gave a bucket and a stack.", "Use either --bucket (SHIP_BUCKET), or --service or --stack.")
    if bucket:
        return Stack(bucket)
    with in_words():
        answers, are_all = described(access, name)
        whole = [stack for answer in answers if (stack := Stack.from_answer(answer))]
        wanted = [stack for stack in whole if service in {None, stack.service}]
        if not wanted:
            for answer in answers:
                refuse_partial(answer, service, name)
        if not wanted and are_all:
            raise Problem(none_of(access, service, name, whole), TO_DEPLOY)
        if not wanted:
            raise Problem(
                f"You can't list the stacks in {access.place()} without the permission cloudformation:DescribeStacks.",
                "Name the stack (--stack NAME), or its bucket if you may only upload (--bucket NAME).",
            )
    if len(wanted) > 1:
        services = ", ".join(sorted(stack.service for stack in wanted))
        raise Problem(f"There are several services: {services}.", "Choose one: --service NAME.")
    return wanted[0]


def refuse_partial(answer: "StackTypeDef", service: str | None, name: str | None) -> None:
    """Reports a stack that the caller may mean but that isn't completely deployed or lacks outputs.

    Raises:
        Problem: this is such a stack.
    """
    stack, state = answer["StackName"], answer["StackStatus"]
    outputs, parameters = outputs_of(answer), parameters_of(answer)
    is_ours = stack == DEFAULT or outputs.keys() >= OURS or answer.get("Description", "").startswith(DESCRIPTION)
    is_meant = service is None or parameters.get("ServiceName", service) == service
    if stack != name and not (is_ours and is_meant):
        return
    if state in NOT_WHOLE:
        raise Problem(f"The stack {stack} is in the state {state}.", NOT_WHOLE[state])
    if not outputs.keys() >= OURS:
        missing = ", ".join(sorted(OURS - outputs.keys()))
        raise Problem(f"The stack {stack} ({state}) lacks the outputs {missing}.", "Is it a Source to ECR stack?")


def outputs_of(answer: "StackTypeDef") -> dict[str, str]:
    """A stack's outputs."""
    return {each["OutputKey"]: each["OutputValue"] for each in answer.get("Outputs", [])}


def parameters_of(answer: "StackTypeDef") -> dict[str, str]:
    """A stack's parameters."""
    return {each["ParameterKey"]: each.get("ParameterValue", "") for each in answer.get("Parameters", [])}


def described(access: Access, name: str | None) -> "tuple[list[StackTypeDef], bool]":
    """The stacks, and whether these are all. Without permission to list stacks, only the one with the default name."""
    client = access.cloudformation
    try:
        if name:
            # assumes: describe-stacks-by-name
            return client.describe_stacks(StackName=name)["Stacks"], True
        pages = client.get_paginator("describe_stacks").paginate()
        return [stack for page in pages for stack in page["Stacks"]], True
    except ClientError as error:
        if code_of(error) == MISSING:
            return [], True
        if name or not is_refusal(error):
            raise
    try:
        return client.describe_stacks(StackName=DEFAULT)["Stacks"], False
    except ClientError as error:
        if code_of(error) == MISSING or is_refusal(error):
            return [], False
        raise


def one(access: Access, name: str) -> "StackTypeDef | None":
    """The stack with this name. None if there is none.

    Raises:
        ClientError: AWS refuses.
    """
    try:
        return access.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if code_of(error) != MISSING:
            raise
        return None


def none_of(access: Access, service: str | None, name: str | None, ours: list[Stack]) -> str:
    """The sentence that the stack doesn't exist, with the services that do."""
    wanted = f"of the service {service}" if service else f"named {name}" if name else "of Source to ECR"
    others = f" There is: {', '.join(sorted(stack.service for stack in ours))}." if ours else ""
    return f"There is no stack {wanted} in {access.place()}.{others}"
