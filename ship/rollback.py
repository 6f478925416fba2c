"""Back to an older image, and forward again."""

from contextlib import suppress

from core.build_tags import is_build_tag
from ship.access import Access
from ship.problem import Problem
from ship.records import KEEP, MANIFESTS, Records
from ship.stack import Stack


def target(records: Records, to: str | None) -> str:
    """The build tag to go back to: the one that is asked for, or the newest recorded before the present one.

    Raises:
        Problem: there is none, it is gone, or the parameter names it already.
    """
    current = records.current_tag
    if to is None:
        return before(records, current)
    if not is_build_tag(to):
        raise Problem(f"{to} is no build tag.", "`ship history` lists those that were recorded.")
    if not records.has(to):
        raise Problem(f"The image {to} isn't in the repository any more.", "`ship history` lists those that are.")
    if to == current:
        raise Problem(f"The parameter names {to} already.")
    return to


def before(records: Records, current: str) -> str:
    """The newest build tag that was recorded before the present one, and is still there."""
    older = [tag for tag in records.recorded if not current or tag < current]
    there = [tag for tag in older if records.has(tag)]
    if there:
        return there[-1]
    if older:
        raise Problem("The images that were recorded before have expired.", "Upload the older source again: ship up.")
    raise Problem("Nothing was recorded before this image.", "Name another image by --to TAG, or upload one.")


def newest(records: Records) -> str:
    """The build tag to go forward to.

    Raises:
        Problem: nothing is rolled back, or it is gone.
    """
    tag = records.newest
    if not records.current or not records.is_rolled_back:
        raise Problem("Nothing is rolled back: the parameter names the newest recorded image.")
    if not records.has(tag):
        raise Problem(f"The image {tag} isn't in the repository any more.", "Upload its source again: ship up.")
    return tag


def pin(access: Access, stack: Stack, build_tag: str) -> str:
    """Keeps an image from expiring, and gives the tag that does.

    Raises:
        Problem: the image is gone.
    """
    client, name = access.ecr, f"{KEEP}{build_tag}"
    found = client.batch_get_image(
        repositoryName=stack.repository, imageIds=[{"imageTag": build_tag}], acceptedMediaTypes=MANIFESTS
    )["images"]
    if not found:
        raise Problem(f"The image {build_tag} isn't in the repository any more.")
    with suppress(client.exceptions.ImageAlreadyExistsException):  # it was pinned before
        client.put_image(
            repositoryName=stack.repository,
            imageTag=name,
            imageDigest=found[0]["imageId"]["imageDigest"],
            imageManifest=found[0]["imageManifest"],
            imageManifestMediaType=found[0]["imageManifestMediaType"],
        )
    return name


def put(access: Access, stack: Stack, uri: str, description: str) -> None:
    """Has the parameter name an image; whose words these are tells RecordImage that they aren't its own.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
    """
    access.ssm.put_parameter(
        Name=stack.parameter, Value=uri, Description=description, Type="String", DataType="text", Overwrite=True
    )
