"""Removes what a run created, and lists what is left, wherever the run was killed."""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from botocore.exceptions import ClientError

from local.progress import UserError, step
from ship.aws.access import Access
from ship.aws.cloudformation import outputs_of
from ship.aws.errors import action_of, is_refusal
from tools.uninstall.plan import Kind, Stack, Thing
from tools.uninstall.stacks import delete_stack, exists
from tools.uninstall.things import delete_thing
from verify.run import TAG, Run

STALE_SECONDS, POLL_SECONDS = 120, 2
"""AWS may list what was deleted as tagged for so long."""
S3 = ":s3:::"
"""In a bucket's ARN, before its name."""


def remove(access: Access, run: Run) -> list[str]:
    """Removes everything that the run created. Returns what is left, with the reason."""
    run.bucket = run.bucket or bucket_of(access, run.stack) or tagged_bucket(access, run)
    run.save()  # once the stack is gone, nothing else knows its bucket
    things = [Thing(Kind.PARAMETER, f"/{run.service}/image-uri"), Thing(Kind.REPOSITORY, run.service)]
    if run.bucket:
        things.append(Thing(Kind.BUCKET, run.bucket))
    left = [each for name in run.stacks for each in attempted(f"stack {name}", partial(delete, access, name))]
    left += [each for it in things for each in attempted(f"{it.kind} {it.name}", partial(delete_thing, access, it))]
    left += tagged(access, run)
    run.removed = not left
    run.save()
    return left


def attempted(what: str, delete: Callable[[], object]) -> list[str]:
    """What is left of something after an attempt to delete it."""
    with step(f"Deleting the {what}"):
        try:
            delete()
        except ClientError as error:
            lacks = f"the credentials lack the permission {action_of(error)}" if is_refusal(error) else str(error)
            return [f"the {what}: {lacks}"]
        except UserError as error:
            return [f"the {what}: {error}"]
    return []


def delete(access: Access, name: str) -> None:
    """Deletes a stack, if there is one of this name.

    Raises:
        UserError: CloudFormation couldn't delete it. The text has its reasons.
    """
    if exists(access, name):
        (found,) = access.cloudformation.describe_stacks(StackName=name)["Stacks"]
        delete_stack(access, Stack(name, found["StackId"], found["StackStatus"]))


def bucket_of(access: Access, name: str) -> str:
    """The name of the stack's bucket. Empty if there is no such stack, or it has none."""
    if not exists(access, name):
        return ""
    (found,) = access.cloudformation.describe_stacks(StackName=name)["Stacks"]
    return outputs_of(found).get("SourceBucketName", "")


def tagged(access: Access, run: Run) -> list[str]:
    """What still has the run's tag, after some time in which AWS may list what was deleted."""
    deadline = time.monotonic() + STALE_SECONDS
    try:
        while (found := [arn for arn, tag in resources(access) if tag == run.id]) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        return [f"{arn} has the run's tag" for arn in found]
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


def others(access: Access, account: str, region: str, known: list[Run]) -> list[Run]:
    """Further runs that have left something with their tag: of another folder, or by a tool that outlived its run."""
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
