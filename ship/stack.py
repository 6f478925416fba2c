"""The stack that takes the uploads: found by its outputs."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ship.access import Access, code_of, in_words, is_refusal
from ship.problem import Problem

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

OURS = {"SourceBucketName", "RepositoryUri", "ParameterName", "ProjectName"}
"""The outputs that no other stack has together."""
DEFAULT = "source-to-ecr"
MISSING = "ValidationError"
"""What DescribeStacks answers for a name that there is not."""
TO_DEPLOY = "Is that the right account and region (--profile, --region)? README.md says how to deploy one."


@dataclass(frozen=True)
class Stack:
    """A deployed stack. One that is known by its bucket alone, to those who may only upload, has nothing else."""

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

    @property
    def is_known(self) -> bool:
        """Whether more of it is known than its bucket."""
        return bool(self.name)

    @property
    def repository(self) -> str:
        """The repository's name."""
        return self.repository_uri.rpartition("/")[2]

    @classmethod
    def from_answer(cls, answer: "StackTypeDef") -> "Stack | None":
        """The stack in the shape of DescribeStacks; None if it is another kind of stack."""
        outputs = {each["OutputKey"]: each["OutputValue"] for each in answer.get("Outputs", [])}
        if not outputs.keys() >= OURS:
            return None
        parameters = {each["ParameterKey"]: each.get("ParameterValue", "") for each in answer.get("Parameters", [])}
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
        )


def find(access: Access, service: str | None, name: str | None, bucket: str | None = None) -> Stack:
    """The stack of a service, of a name, or the only one there is; of a bucket nothing else is asked.

    Raises:
        Problem: there is none, or more than one, or it can't be looked for.
    """
    if bucket and (service or name):
        raise Problem("That is a bucket and a stack.", "Give --bucket (SHIP_BUCKET), or --service or --stack.")
    if bucket:
        return Stack(bucket)
    with in_words():
        answers, are_all = described(access, name)
        ours = [stack for answer in answers if (stack := Stack.from_answer(answer))]
        wanted = [stack for stack in ours if service in {None, stack.service}]
        if not wanted and are_all:
            raise Problem(none_of(access, service, name, ours), TO_DEPLOY)
        if not wanted:
            raise Problem(
                f"You may not look for the stack in {access.place()}: that takes cloudformation:DescribeStacks.",
                "Name the stack (--stack NAME), or its bucket if you may do nothing but upload (--bucket NAME).",
            )
    if len(wanted) > 1:
        services = ", ".join(sorted(stack.service for stack in wanted))
        raise Problem(f"There are several services: {services}.", "Name one: --service NAME.")
    return wanted[0]


def described(access: Access, name: str | None) -> "tuple[list[StackTypeDef], bool]":
    """The stacks that may be meant, and whether there can be no others: who may not list all gets the usual one."""
    client = access.cloudformation
    try:
        if name:
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


def none_of(access: Access, service: str | None, name: str | None, ours: list[Stack]) -> str:
    """That there is no such stack, and which there are."""
    wanted = f"of the service {service}" if service else f"named {name}" if name else "of Source to ECR"
    others = f" There is: {', '.join(sorted(stack.service for stack in ours))}." if ours else ""
    return f"There is no stack {wanted} in {access.place()}.{others}"
