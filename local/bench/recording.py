"""What recording an image takes, beside how many images the repository keeps."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

from local.account import ROOT, Account
from local.bench.figures import Figure, alternately
from local.bench.handlers import Deployed, around
from local.pipeline import Pipeline
from local.progress import step

KEPT = (10, 100, 1000)
RUNS = 7
OCI = "application/vnd.oci.image.manifest.v1+json"
FIRST = datetime.now(UTC) - timedelta(days=1)


class Kept:
    """A repository that keeps so many settled images, and a parameter that RecordImage has written for it."""

    def __init__(self, deployed: Deployed, images: int) -> None:
        self.deployed, self.images = deployed, 0
        self.name = f"kept-{images}"
        self.ecr = deployed.pipeline.ecr
        self.ecr.create_repository(repositoryName=self.name)
        for _ in range(images):
            manifest, tag = self.add()
            self.put(manifest, f"settled-{tag}")

    def add(self) -> tuple[str, str]:
        """One more image, newer than all before: its manifest and its build tag."""
        self.images += 1
        moment = f"{FIRST + timedelta(seconds=self.images):%Y%m%dT%H%M%SZ}"
        digest = f"sha256:{hashlib.sha256(moment.encode()).hexdigest()}"
        layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest, "size": 1}
        manifest = json.dumps({"schemaVersion": 2, "mediaType": OCI, "config": layer, "layers": [layer]})
        tag = f"build-{moment}-0055AED6DCD90281E5-{digest[-8:]}"
        self.put(manifest, tag)
        return manifest, tag

    def put(self, manifest: str, tag: str) -> None:
        """Puts an image's manifest under a tag."""
        self.ecr.put_image(repositoryName=self.name, imageTag=tag, imageManifest=manifest, imageManifestMediaType=OCI)

    def record(self) -> float:
        """Seconds in which RecordImage, warm, records one more image."""
        event = around("RecordImage", (ROOT / "events" / "parameter-changed.json").read_text())
        uri = f"{self.deployed.variables('RecordImage')['REPOSITORY_URI'].rpartition('/')[0]}/{self.name}"
        variables = {"REPOSITORY": self.name, "REPOSITORY_URI": uri, "PARAMETER": f"/{self.name}/image-uri"}
        with self.deployed.process("RecordImage", **variables) as process:
            process.invoke(event)
            self.add()
            taken = process.invoke(event)
        if "Recorded" not in taken["log"]:
            raise RuntimeError(f"RecordImage recorded nothing: {taken['log']}")
        seconds: float = taken["seconds"]
        return seconds


def measure(here: Account, pipeline: Pipeline) -> list[Figure]:
    """Recording beside each number of images, in turns."""
    with step("Recording"):
        deployed = Deployed(here, pipeline)
        kept = [Kept(deployed, images) for images in KEPT]
        measured = alternately(RUNS, [each.record for each in kept])
    return [
        Figure("recording an image", f"{images:,} images kept", "s", values)
        for images, values in zip(KEPT, measured, strict=True)
    ]
