"""Removes what a run created, and lists what is left, wherever the run was killed."""

from collections.abc import Callable
from functools import partial

from botocore.exceptions import ClientError

from local.progress import UserError, say, step
from ship.aws.access import Access
from ship.aws.errors import action_of, is_refusal, problem_of
from tools.uninstall.plan import Kind, Stack, Thing
from tools.uninstall.stacks import delete_stack, exists
from tools.uninstall.things import delete_thing
from verify.fargate import leftovers
from verify.run import TAG, Run, saved
from verify.stacks import settle


def remove(access: Access, run: Run) -> list[str]:
    """Deletes everything that the run created. Returns what is left, with the reason."""
    left = attempted(f"builds of {run.service} that still run", partial(stop_builds, access, run.service))
    stacks = stacks_left(access, run)
    left += stacks
    if not stacks:  # a stack that is still there may use its data
        left += attempted(f"rule and queue {run.events}", partial(leftovers.delete_events, access, run))
        left += attempted(f"task definitions of {run.service}", partial(leftovers.delete_definitions, access, run))
        things = [Thing(Kind.PARAMETER, f"/{run.service}/image-uri"), Thing(Kind.REPOSITORY, run.service)]
        things += [Thing(Kind.BUCKET, name) for name in buckets(access, run)]
        things += [Thing(Kind.LOG_GROUP, name) for name in leftovers.log_groups(access, run)]
        left += [each for it in things for each in attempted(f"{it.kind} {it.name}", partial(delete_thing, access, it))]
    if not left:
        for arn in tagged(access, run.id):
            say(f"AWS still lists {arn} with the run's tag, as it may do for hours after a deletion.")
    run.removed = not left
    run.save()
    return left


def stacks_left(access: Access, run: Run) -> list[str]:
    """The stacks that are left after an attempt to delete them in order.

    A stack that is left keeps those after it: another machine finds a run by the tag of its pipeline's stack.
    """
    for name in run.stacks:
        if left := attempted(f"stack {name}", partial(delete, access, name)):
            return left
    return []


def stop_builds(access: Access, project: str) -> None:
    """Stops the builds that would go on without their stack."""
    try:
        ids = access.codebuild.list_builds_for_project(projectName=project)["ids"]
    except access.codebuild.exceptions.ResourceNotFoundException:
        return
    for build in access.codebuild.batch_get_builds(ids=ids)["builds"] if ids else []:
        if build["buildStatus"] == "IN_PROGRESS":
            access.codebuild.stop_build(id=build["id"])


def attempted(what: str, delete: Callable[[], object]) -> list[str]:
    """The remains of something after an attempt to delete it."""
    with step(f"Deleting the {what}"):
        try:
            delete()
        except ClientError as error:
            lacks = f"the credentials lack the permission {action_of(error)}"
            return [f"the {what}: {lacks if is_refusal(error) else problem_of(error).what}"]
        except UserError as error:
            return [f"the {what}: {error}"]
    return []


def delete(access: Access, name: str) -> None:
    """Deletes a stack, if there is one of this name, once nothing is under way in it.

    Raises:
        UserError: CloudFormation couldn't delete it. The text has its reasons.
    """
    settle(access, name)
    if exists(access, name):
        (found,) = access.cloudformation.describe_stacks(StackName=name)["Stacks"]
        delete_stack(access, Stack(name, found["StackId"], found["StackStatus"]))


def buckets(access: Access, run: Run) -> list[str]:
    """The buckets of the run's stacks, by the beginning of their names."""
    return [each["Name"] for each in access.s3.list_buckets()["Buckets"] if each["Name"].startswith(f"{run.stack}-")]


def unremoved(access: Access, account: str, region: str) -> list[Run]:
    """The runs that may have left something, the oldest first: by their state, and by their tag on something.

    A run that was removed counts again if one of its stacks is there: a tool that it started may have outlived it.
    """
    runs = saved(account, region)
    removed = {run.id for run in runs if run.removed and not any(exists(access, name) for name in run.stacks)}
    found = {tag for _, tag in resources(access)} - {run.id for run in runs}
    return [
        *(Run(tag, account, region, began="") for tag in sorted(found)),
        *(run for run in runs if run.id not in removed),
    ]


def tagged(access: Access, run: str) -> list[str]:
    """The ARNs of everything with the run's tag, as far as it can be looked up."""
    return [arn for arn, tag in resources(access) if tag == run]


def resources(access: Access) -> list[tuple[str, str]]:
    """The ARN of everything with a run's tag, and the tag's value. Empty if the credentials may not look it up.

    https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
    """
    client = access.session.client("resourcegroupstaggingapi")
    try:
        pages = client.get_paginator("get_resources").paginate(TagFilters=[{"Key": TAG}])
        found = [each for page in pages for each in page["ResourceTagMappingList"]]
    except ClientError as error:
        if not is_refusal(error):
            raise
        say(f"What other machines may have left isn't known: the credentials lack {action_of(error)}.")
        return []
    return [(each["ResourceARN"], tag["Value"]) for each in found for tag in each["Tags"] if tag["Key"] == TAG]
