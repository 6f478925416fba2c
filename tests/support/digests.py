"""How moto's ECR names images. Left alone it takes one of 101 digests by chance, so two images may be one."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from moto.ecr.models import Image


def digest_of(manifest: str) -> str:
    """What ECR calls an image: the SHA-256 of its manifest's bytes."""
    return f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"


@contextmanager
def digests_of_manifests() -> Iterator[None]:
    """While the block runs, moto names each image as ECR does."""

    def name(image: Image) -> None:
        image._image_digest = digest_of(image.image_manifest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Image, "_create_digest", name)
        yield
