"""Images in a repository of the local cloud."""

import hashlib
import json
import urllib.error
import urllib.request
from typing import Any

from local.pipeline import Pipeline

OCI = "application/vnd.oci.image.manifest.v1+json"


def manifest(name: str, *sizes: int) -> str:
    """The manifest of an image with layers of these sizes."""
    layers = [{"mediaType": "x", "size": size, "digest": f"sha256:{size:064}"} for size in sizes]
    return json.dumps({"schemaVersion": 2, "mediaType": OCI, "layers": layers, "annotations": {"name": name}})


def digest_of(text: str) -> str:
    """The digest under which a registry keeps a manifest."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def put(cloud: Pipeline, repository: str, text: str, tag: str, **more: Any) -> str:
    """Tags an image by ECR's API, as the builder does. Gives its digest."""
    answer = cloud.ecr.put_image(
        repositoryName=repository, imageManifest=text, imageManifestMediaType=OCI, imageTag=tag, **more
    )
    return answer["image"]["imageId"]["imageDigest"]


def push(cloud: Pipeline, repository: str, text: str, tag: str) -> str:
    """Pushes a manifest, as an engine does. Gives the registry's error, or nothing."""
    (found,) = cloud.ecr.describe_repositories(repositoryNames=[repository])["repositories"]
    host, _, name = found["repositoryUri"].partition("/")
    token = cloud.ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    request = urllib.request.Request(
        f"http://{host}/v2/{name}/manifests/{tag}",
        method="PUT",
        data=text.encode(),
        headers={"Content-Type": OCI, "Authorization": f"Basic {token}"},
    )
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310  # an address of loopback
            assert answer.status == 201
            return ""
    except urllib.error.HTTPError as error:
        with error:
            return f"{error.code} {json.loads(error.read())['errors'][0]['code']}"


def tags(cloud: Pipeline, repository: str) -> dict[str, str]:
    """The digest of each tag."""
    details = cloud.ecr.describe_images(repositoryName=repository)["imageDetails"]
    return {tag: image["imageDigest"] for image in details for tag in image.get("imageTags", [])}
