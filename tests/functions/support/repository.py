"""The repository and its images: manifests with digests of their own, and what the parameter calls them."""

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING

import boto3

from tests.functions.support.lambdas import deployed
from tests.support.digests import digest_of

if TYPE_CHECKING:
    from mypy_boto3_ecr.client import ECRClient

REPOSITORY = deployed().names["Repository"]
REPOSITORY_URI = deployed().names["Repository.RepositoryUri"]
OCI = "application/vnd.oci.image.manifest.v1+json"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"

# Build tags in the order of their uploads.
FIRST = "build-20240501T101530Z-6B001DC29329D189-225d2c00"
SECOND = "build-20240501T101530Z-6B001DC29329D18A-0f3e9a71"
THIRD = "build-20240502T000000Z-00-9c41d7e2"


@cache
def ecr() -> "ECRClient":
    """The tests' own client."""
    return boto3.client("ecr")


def manifest(name: str, kind: str = OCI) -> str:
    """A manifest with a digest of its own, written as no serializer would write it again."""
    config = {"digest": f"sha256:{hashlib.sha256(name.encode()).hexdigest()}", "size": 2}
    return json.dumps({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": []}, indent=3) + "\n"


def digest(name: str, kind: str = OCI) -> str:
    """What such a manifest is called."""
    return digest_of(manifest(name, kind))


def uri(name: str) -> str:
    """What the parameter calls such an image."""
    return f"{REPOSITORY_URI}@{digest(name)}"


class Registry:
    """The repository, as the template makes it."""

    def __init__(self) -> None:
        """Makes it, empty."""
        self._ecr = ecr()
        properties = deployed().properties("Repository")
        self._ecr.create_repository(
            repositoryName=properties["RepositoryName"],
            imageTagMutability=properties["ImageTagMutability"],
            imageTagMutabilityExclusionFilters=[
                {
                    "filterType": each["ImageTagMutabilityExclusionFilterType"],
                    "filter": each["ImageTagMutabilityExclusionFilterValue"],
                }
                for each in properties["ImageTagMutabilityExclusionFilters"]
            ],
        )

    def push(self, tag: str, image: str | None = None, kind: str = OCI) -> None:
        """Gives a tag to an image, by default to one of the tag's own name."""
        name = image or tag
        self._ecr.put_image(
            repositoryName=REPOSITORY,
            imageManifest=manifest(name, kind),
            imageManifestMediaType=kind,
            imageTag=tag,
        )

    def expire(self, image: str) -> None:
        """Removes an image with all its tags, as the lifecycle policy does."""
        self._ecr.batch_delete_image(repositoryName=REPOSITORY, imageIds=[{"imageDigest": digest(image)}])

    def tags(self) -> dict[str, str]:
        """The digest of each tag."""
        found = self._ecr.describe_images(repositoryName=REPOSITORY)["imageDetails"]
        return {tag: image["imageDigest"] for image in found for tag in image.get("imageTags", [])}

    @property
    def latest(self) -> str | None:
        """The digest of `latest`, if there is one."""
        return self.tags().get("latest")
