"""The status of an upload, from its version's tags."""

from dataclasses import dataclass

from core import reasons
from core.notifying import statuses
from core.reasons import Reason
from core.uploads import ObjectVersion
from ship.aws.access import Access
from ship.aws.cloudformation import Stack
from ship.aws.errors import POLICIES, code_of, in_words, is_refusal
from ship.problem import Problem

GONE = {"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"}


class NoUpload(Problem):  # as Problem
    """There is no such upload."""


@dataclass(frozen=True)
class State:
    """The status of an upload. `name` is empty if there is none yet or the caller can't read it."""

    version: ObjectVersion
    name: str = ""
    image_tag: str = ""
    reason: str = ""
    image_uri: str = ""
    is_readable: bool = True

    @property
    def is_final(self) -> bool:
        """Whether the status is final."""
        return self.name in statuses.FINAL

    @property
    def waits_for(self) -> Reason | None:
        """Why it waits, if it does."""
        return reasons.parsed(self.reason) if self.name == "waiting" else None


def of(access: Access, stack: Stack, version: ObjectVersion) -> State:
    """The state of an upload.

    Raises:
        Problem: there is no such upload (NoUpload), or the caller may not read its tags.
        ClientError, BotoCoreError: AWS refuses or doesn't answer.
    """
    return state_in(tags(access, stack, version.key, version.version_id)[1], version)


def newest(access: Access, stack: Stack, key: str) -> State:
    """The state of the newest upload of a key.

    Raises:
        Problem: there is none, or AWS refuses.
    """
    with in_words():
        version_id, found = tags(access, stack, key, None)
    return state_in(found, ObjectVersion(stack.bucket, key, version_id))


def tags(access: Access, stack: Stack, key: str, version_id: str | None) -> tuple[str, dict[str, str]]:
    """The given version, or else the newest, and its tags."""
    request = {"Bucket": stack.bucket, "Key": key}
    if version_id:
        request["VersionId"] = version_id
    if stack.account:
        request["ExpectedBucketOwner"] = stack.account
    client = access.s3
    try:
        answer = client.get_object_tagging(**request)  # type: ignore[arg-type]
    except client.exceptions.ClientError as error:
        if code_of(error) in GONE:
            raise NoUpload(f"There is no upload {key} in {stack.bucket}, or it was deleted.", look(key)) from error
        if is_refusal(error):  # S3 also answers this for a missing object if the caller can't list the bucket
            action = "s3:GetObjectVersionTagging" if version_id else "s3:GetObjectTagging"
            raise Problem(
                f"There is no upload {key} in {stack.bucket}, or you lack the permission {action}.",
                f"{look(key)} {POLICIES}",
            ) from error
        raise
    return answer["VersionId"], {each["Key"]: each["Value"] for each in answer["TagSet"]}


def look(key: str) -> str:
    """The advice if a key has no upload."""
    return "Check the key." if key.endswith(".zip") else f"Is the key {key}.zip?"


def state_in(found: dict[str, str], version: ObjectVersion) -> State:
    """The version's state in these tags."""
    status = statuses.read(found, version)
    if status is None:
        return State(version)
    return State(version, status.name, status.image_tag, status.reason or "", status.image_uri or "")
