"""What ECR knows of the images: the ledger of what was built."""

from contextlib import suppress

from core import images
from edge import clients

# Both, wherever a manifest is read: ECR answers an OCI manifest with another one to who accepts only Docker's.
MANIFESTS = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
]


def has(repository: str, tag: str) -> bool:
    """Whether the repository has an image with this tag.

    BatchGetImage answers for a missing tag too, where DescribeImages would be an error:
    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
    """
    found = clients.ecr().batch_get_image(
        repositoryName=repository, imageIds=[{"imageTag": tag}], acceptedMediaTypes=MANIFESTS
    )
    return bool(found["images"])


def tagged(repository: str) -> dict[str, str]:
    """The digest of each tag. What is archived can't be pulled, so it doesn't count."""
    pages = (
        clients.ecr()
        .get_paginator("describe_images")
        .paginate(repositoryName=repository, filter={"tagStatus": "TAGGED"})
    )
    return {
        tag: image["imageDigest"]
        for page in pages
        for image in page["imageDetails"]
        if image.get("imageStatus", "ACTIVE") == "ACTIVE"
        for tag in image.get("imageTags", [])
    }


def move_latest(repository: str, digest: str) -> bool:
    """Moves `latest` to an image, byte for byte as it is; False if the image is gone."""
    client = clients.ecr()
    found = client.batch_get_image(
        repositoryName=repository, imageIds=[{"imageDigest": digest}], acceptedMediaTypes=MANIFESTS
    )["images"]
    if not found:
        return False
    with suppress(client.exceptions.ImageAlreadyExistsException):  # it is there already
        client.put_image(
            repositoryName=repository,
            imageTag=images.LATEST,
            imageDigest=digest,
            imageManifest=found[0]["imageManifest"],
            imageManifestMediaType=found[0]["imageManifestMediaType"],
        )
    return True
