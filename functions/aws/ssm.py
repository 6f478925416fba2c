"""SSM: the parameter that names the recorded image, and its history, which `ship` reads as well."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from core.recording.next_image import Version

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient
    from mypy_boto3_ssm.type_defs import ParameterHistoryTypeDef

# Error codes: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
REMEDIES = {
    "AccessDeniedException": "Restore the permission of RecordImage's role, or change the policy that denies it.",
    "HierarchyTypeMismatchException": "It is a list or a secret. Delete it: the newest image is recorded again.",
    "InvalidKeyId": "It is encrypted. Delete it: the newest image is recorded again.",
    "ParameterMaxVersionLimitExceeded": "The oldest of its 100 versions has a label. Remove the label.",
    "ParameterPatternMismatchException": "It has an allowed pattern. Delete it: the newest image is recorded again.",
    "TooManyUpdates": "Somebody else is writing it. RecordImage tries again.",
    "ValidationException": "It has another type or tier. Delete it: the newest image is recorded again.",
}


class NotWrittenError(Exception):
    """SSM didn't write the parameter; the text says what to do."""


def history(client: "SSMClient", name: str) -> "list[ParameterHistoryTypeDef]":
    """The parameter's versions, the oldest first. Empty if there is no parameter. SSM keeps 100."""
    try:
        pages = list(client.get_paginator("get_parameter_history").paginate(Name=name))
    except client.exceptions.ParameterNotFound:
        return []
    return sorted((each for page in pages for each in page["Parameters"]), key=lambda each: each["Version"])


def versions(history: "Sequence[ParameterHistoryTypeDef]") -> list[Version]:
    """The parts of a history that the core reads."""
    return [Version(each["Value"], each.get("Description", "")) for each in history]


def put(client: "SSMClient", name: str, version: Version) -> None:
    """Writes a new version with a single request, without retries.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html

    Raises:
        NotWrittenError: SSM refused it; the text says what to do.
        BotoCoreError: SSM didn't answer.
    """
    try:
        client.put_parameter(
            Name=name,
            Value=version.value,
            Description=version.description,
            Type="String",
            DataType="text",
            Overwrite=True,
        )
    except ClientError as error:
        remedy = REMEDIES.get(error.response["Error"]["Code"], "RecordImage tries again.")
        raise NotWrittenError(f"The parameter {name} can't be written. {remedy} {error}") from error
