"""The images that these tests put into the repository: each has a digest of its own, in every run the same."""

from tests.support.digests import digest_of
from tests.unit.ship.support.world import STACK, World

KIND = "application/vnd.oci.image.manifest.v1+json"


def test_each_image_has_the_digest_of_its_manifest(world: World) -> None:
    ecr = world.access.ecr
    ecr.create_repository(repositoryName=STACK.repository)
    manifests = [f'{{"mediaType": "{KIND}", "annotations": {{"x": "{number}"}}}}' for number in range(200)]

    found = [
        ecr.put_image(repositoryName=STACK.repository, imageManifest=each, imageTag=f"tag-{number}")["image"]["imageId"]
        for number, each in enumerate(manifests)
    ]
    assert [each["imageDigest"] for each in found] == [digest_of(each) for each in manifests]
    assert len({each["imageDigest"] for each in found}) == 200
