"""What ECR knows of the images: the ledger of what was built."""

from contextlib import suppress
from dataclasses import dataclass

from botocore.config import Config

from edge import clients

# All, wherever a manifest is read: ECR converts one for those who don't accept its kind. A rollback may go to an index.
MANIFESTS = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
]
PAGE = 1000  # the most that ListImages gives


@dataclass(frozen=True)
class Image:
    """An image by its digest, with its manifest, byte for byte, and the manifest's media type."""

    digest: str
    manifest: str
    media_type: str


def has(repository: str, tag: str, config: Config = clients.BOUNDED) -> bool:
    """Whether the repository has an image with this tag now.

    BatchGetImage answers for a missing tag too, where DescribeImages would be an error:
    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
    """
    found = clients.ecr(config).batch_get_image(
        repositoryName=repository, imageIds=[{"imageTag": tag}], acceptedMediaTypes=MANIFESTS
    )
    return bool(found["images"])


def tagged(repository: str) -> dict[str, str]:
    """The digest of each tag. What is archived can't be pulled, and isn't listed.

    ListImages gives these two alone, each tag by itself; reading DescribeImages takes six times as long. Without the
    filter `imageStatus`, which boto3 has only since 1.41.0, it gives active images:
    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImages.html
    """
    pages = (
        clients.ecr()
        .get_paginator("list_images")
        .paginate(
            repositoryName=repository,
            filter={"tagStatus": "TAGGED"},
            PaginationConfig={"PageSize": PAGE},
        )
    )
    return {image["imageTag"]: image["imageDigest"] for page in pages for image in page["imageIds"]}


def image(repository: str, digest: str) -> Image | None:
    """The image of this digest; None if it isn't there, or not any more."""
    found = clients.ecr().batch_get_image(
        repositoryName=repository, imageIds=[{"imageDigest": digest}], acceptedMediaTypes=MANIFESTS
    )["images"]
    return Image(digest, found[0]["imageManifest"], found[0]["imageManifestMediaType"]) if found else None


def tag(repository: str, image: Image, name: str) -> None:
    """Gives an image, as it is, one more tag; that it has the tag already is no error."""
    client = clients.ecr()
    with suppress(client.exceptions.ImageAlreadyExistsException):
        client.put_image(
            repositoryName=repository,
            imageTag=name,
            imageDigest=image.digest,
            imageManifest=image.manifest,
            imageManifestMediaType=image.media_type,
        )
