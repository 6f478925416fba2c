"""ECR: images and their tags, for the functions and for `ship`."""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_ecr.client import ECRClient

# Always accept all kinds: ECR converts a manifest for clients that don't accept its kind. A rollback may use an index.
MANIFESTS = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
]
PAGE = 1000  # ListImages' maximum


@dataclass(frozen=True)
class Image:
    """An image: its digest, its exact manifest and the manifest's media type."""

    digest: str
    manifest: str
    media_type: str


def has(client: "ECRClient", repository: str, tag: str) -> bool:
    """Whether the repository has an image with this tag.

    BatchGetImage also answers if the tag is missing; DescribeImages would fail:
    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
    """
    found = client.batch_get_image(
        repositoryName=repository, imageIds=[{"imageTag": tag}], acceptedMediaTypes=MANIFESTS
    )
    return bool(found["images"])


def tagged(client: "ECRClient", repository: str) -> dict[str, str]:
    """The digest of each tag. Archived images, which can't be pulled, are left out.

    ListImages returns only tags and digests; DescribeImages takes six times as long. Without the filter `imageStatus`,
    which boto3 has only since 1.41.0, it lists active images:
    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImages.html
    """
    # assumes: image-status-filter
    pages = client.get_paginator("list_images").paginate(
        repositoryName=repository, filter={"tagStatus": "TAGGED"}, PaginationConfig={"PageSize": PAGE}
    )
    return {image["imageTag"]: image["imageDigest"] for page in pages for image in page["imageIds"]}


def image(client: "ECRClient", repository: str, digest: str) -> Image | None:
    """The image with this digest. None if the repository doesn't have it."""
    found = client.batch_get_image(
        repositoryName=repository, imageIds=[{"imageDigest": digest}], acceptedMediaTypes=MANIFESTS
    )["images"]
    return Image(digest, found[0]["imageManifest"], found[0]["imageManifestMediaType"]) if found else None


def tag(client: "ECRClient", repository: str, image: Image, name: str) -> None:
    """Adds a tag to an image. Does nothing if the image already has it."""
    # assumes: second-tag
    with suppress(client.exceptions.ImageAlreadyExistsException):
        client.put_image(
            repositoryName=repository,
            imageTag=name,
            imageDigest=image.digest,
            imageManifest=image.manifest,
            imageManifestMediaType=image.media_type,
        )
