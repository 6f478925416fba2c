"""Measures and deletes the things that outlive their stack. A deletion succeeds if the thing is gone already."""

from collections.abc import Callable

from botocore.exceptions import ClientError

from local.progress import UserError
from ship.aws.access import Access
from ship.aws.errors import code_of
from tools.uninstall.plan import Kind, Thing, counted, size

MISSING = {
    "NoSuchBucket",
    "NoSuchEntity",
    "ParameterNotFound",
    "RepositoryNotFoundException",
    "ResourceNotFoundException",
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
}


def measured(access: Access, kind: Kind, name: str) -> Thing | None:
    """The thing with its size, if it exists."""
    return MEASURES[kind](access, name)


def delete_thing(access: Access, thing: Thing) -> None:
    """Deletes what outlived its stack.

    Raises:
        UserError: S3 refused to delete a version.
    """
    DELETIONS[thing.kind](access, thing.name)


def found_or_none[T](request: Callable[[], T]) -> T | None:
    """The request's answer. None if what it is about doesn't exist."""
    try:
        return request()
    except ClientError as error:
        if code_of(error) in MISSING:
            return None
        raise


def bucket(access: Access, name: str) -> Thing | None:
    """The bucket with all its versions, if it exists."""
    pages = access.s3.get_paginator("list_object_versions").paginate(Bucket=name)
    versions = found_or_none(lambda: [each["Size"] for page in pages for each in page.get("Versions", [])])
    if versions is None:
        return None
    return Thing(Kind.BUCKET, name, sum(versions), f"{counted(len(versions), 'source')}, {size(sum(versions))}")


def repository(access: Access, name: str) -> Thing | None:
    """The repository with all its images, if it exists."""
    pages = access.ecr.get_paginator("describe_images").paginate(repositoryName=name)
    images = found_or_none(lambda: [each.get("imageSizeInBytes", 0) for page in pages for each in page["imageDetails"]])
    if images is None:
        return None
    content = f"{counted(len(images), 'image')}, at most {size(sum(images))}" if images else "0 images"
    return Thing(Kind.REPOSITORY, name, sum(images), content)


def parameter(access: Access, name: str) -> Thing | None:
    """The parameter, if it exists. Its value isn't read."""
    found = access.ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [name]}])["Parameters"]
    return Thing(Kind.PARAMETER, name) if found else None


def log_group(access: Access, name: str) -> Thing | None:
    """The log group, if it exists."""
    pages = access.logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    sizes = [each.get("storedBytes", 0) for page in pages for each in page["logGroups"] if each["logGroupName"] == name]
    return Thing(Kind.LOG_GROUP, name, sizes[0], size(sizes[0])) if sizes else None


MEASURES: dict[Kind, Callable[[Access, str], Thing | None]] = {
    Kind.BUCKET: bucket,
    Kind.REPOSITORY: repository,
    Kind.PARAMETER: parameter,
    Kind.LOG_GROUP: log_group,
}


def delete_bucket(access: Access, name: str) -> None:
    """Deletes every version of every source, then the bucket."""
    while found := found_or_none(lambda: access.s3.list_object_versions(Bucket=name)):
        versions = [*found.get("Versions", []), *found.get("DeleteMarkers", [])]
        if not versions:
            break
        ids = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in versions]
        deleted = access.s3.delete_objects(Bucket=name, Delete={"Objects": ids, "Quiet": True})  # type: ignore[typeddict-item]
        if errors := deleted.get("Errors", []):
            raise UserError(f"S3 refused to delete {errors[0].get('Key')!r} from {name}: {errors[0].get('Message')}")
    found_or_none(lambda: access.s3.delete_bucket(Bucket=name))


DELETIONS: dict[Kind, Callable[[Access, str], object]] = {
    Kind.PARAMETER: lambda access, name: found_or_none(lambda: access.ssm.delete_parameter(Name=name)),
    Kind.REPOSITORY: lambda access, name: found_or_none(
        lambda: access.ecr.delete_repository(repositoryName=name, force=True)
    ),
    Kind.BUCKET: delete_bucket,
    Kind.LOG_GROUP: lambda access, name: found_or_none(lambda: access.logs.delete_log_group(logGroupName=name)),
}
