"""Removes what a run created, and lists what is left, wherever the run was killed."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from botocore.exceptions import ClientError

from local.progress import step
from ship.aws.access import Access
from ship.aws.errors import action_of, code_of, is_refusal
from verify.run import TAG, Run

DELETION_SECONDS = 1800
POLL_SECONDS = 2
S3 = ":s3:::"
"""In a bucket's ARN, before its name."""
GONE = {
    "ValidationError",  # CloudFormation's, of a stack that doesn't exist
    "ParameterNotFound",
    "RepositoryNotFoundException",
    "NoSuchBucket",
}


def remove(access: Access, run: Run) -> list[str]:
    """Removes everything that the run created. Returns what is left, with the reason."""
    left: list[str] = []
    bucket = run.bucket or bucket_of(access, run.stack) or tagged_bucket(access, run)
    run.bucket = bucket
    run.save()  # the stack's outputs, which name it, are gone before the bucket is
    for what, delete in deletions(access, run, bucket):
        with step(f"Deleting {what}"):
            left += attempted(what, delete)
    left += tagged(access, run)
    run.removed = not left
    run.save()
    return left


def deletions(access: Access, run: Run, bucket: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """What there may be, in the order in which it has to go, and how each is deleted."""
    for stack in run.stacks:
        yield f"the stack {stack}", lambda stack=stack: delete_stack(access, stack)  # type: ignore[misc]
    yield f"the parameter of {run.service}", lambda: access.ssm.delete_parameter(Name=f"/{run.service}/image-uri")
    yield (
        f"the repository {run.service} with its images",
        lambda: access.ecr.delete_repository(repositoryName=run.service, force=True),
    )
    if bucket:
        yield f"the bucket {bucket} with its sources", lambda: delete_bucket(access, bucket)


def attempted(what: str, delete: Callable[[], object]) -> list[str]:
    """What is left of something after an attempt to delete it."""
    try:
        delete()
    except ClientError as error:
        if code_of(error) in GONE:
            return []
        if is_refusal(error):
            return [f"{what}: the credentials lack the permission {action_of(error)}"]
        return [f"{what}: {error}"]
    except TimeoutError as error:
        return [f"{what}: {error}"]
    return []


def delete_stack(access: Access, stack: str) -> None:
    """Deletes a stack, and returns when it is gone.

    Raises:
        TimeoutError: it isn't, or its deletion failed.
    """
    client = access.cloudformation
    stack_id = client.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
    client.delete_stack(StackName=stack_id)
    deadline = time.monotonic() + DELETION_SECONDS
    while (state := state_of(access, stack_id)) == "DELETE_IN_PROGRESS" and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    if state not in {"DELETE_COMPLETE", ""}:
        raise TimeoutError(f"its state is {state}")


def state_of(access: Access, stack_id: str) -> str:
    """The stack's state. Empty if CloudFormation doesn't know it."""
    try:
        return access.cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]
    except ClientError as error:
        if code_of(error) not in GONE:
            raise
        return ""


def bucket_of(access: Access, stack: str) -> str:
    """The name of the stack's bucket. Empty if there is no such stack, or it has none."""
    try:
        (described,) = access.cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if code_of(error) not in GONE:
            raise
        return ""
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}
    return outputs.get("SourceBucketName", "")


def delete_bucket(access: Access, bucket: str) -> None:
    """Deletes all versions of all objects, then the bucket."""
    for page in access.s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        names = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        if names:
            access.s3.delete_objects(Bucket=bucket, Delete={"Objects": names, "Quiet": True})  # type: ignore[typeddict-item]
    access.s3.delete_bucket(Bucket=bucket)


def tagged(access: Access, run: Run) -> list[str]:
    """What still has the run's tag."""
    try:
        return [f"{arn} has the run's tag" for arn, tag in resources(access) if tag == run.id]
    except ClientError as error:
        if is_refusal(error):
            return [f"unknown: the credentials lack {action_of(error)}, so nothing was looked up by its tag"]
        raise


def tagged_bucket(access: Access, run: Run) -> str:
    """The name of a bucket with the run's tag. Empty if there is none, or if it can't be looked up."""
    with suppress(ClientError):
        return next(
            (arn.removeprefix(S3) for arn, tag in resources(access) if tag == run.id and arn.startswith(S3)), ""
        )
    return ""


def runs_elsewhere(access: Access, account: str, region: str, known: list[Run]) -> list[Run]:
    """Runs that have left something with their tag, and whose state isn't in this folder."""
    with suppress(ClientError):
        ids = {tag for _, tag in resources(access)} - {run.id for run in known}
        return [Run(tag, account, region, began="") for tag in sorted(ids)]
    return []


def resources(access: Access) -> list[tuple[str, str]]:
    """The ARN of everything with a run's tag, and the tag's value.

    https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
    """
    client = access.session.client("resourcegroupstaggingapi")
    pages = client.get_paginator("get_resources").paginate(TagFilters=[{"Key": TAG}])
    found = [each for page in pages for each in page["ResourceTagMappingList"]]
    return [(each["ResourceARN"], tag["Value"]) for each in found for tag in each["Tags"] if tag["Key"] == TAG]
