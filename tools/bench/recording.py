"""Measures how long recording takes, depending on how many images the repository keeps."""

import hashlib
import json
from dataclasses import dataclass
from functools import partial
from itertools import batched

from local.emulator import Account
from local.pipeline import Pipeline
from local.progress import step
from tools.bench.figures import Figure, alternately
from tools.bench.handlers import FUNCTIONS, Deployed, Process, one_upload

KEPT = (10, 100, 1000)
RUNS = 7
OCI = "application/vnd.oci.image.manifest.v1+json"
OLD = [f"build-20250101T{number // 60:02}{number % 60:02}00Z-0055AED6DCD90281E5-00000000" for number in range(1000)]
"""Build tags of uploads that were made long ago."""


@dataclass(frozen=True)
class Recording:
    """Uploads that are recorded one after the other."""

    deployed: Deployed
    start: Process

    def beside(self, images: int) -> tuple[float, float]:
        """Seconds in which RecordImage, cold and warm, records and notifies an upload beside so many images."""
        with self.deployed.process("RecordImage") as record:
            cold, warm = (self.seconds(record, images) for _ in range(2))
        return record.init + cold, warm

    def seconds(self, record: Process, images: int) -> float:
        """Seconds that the invocation takes."""
        self.keep(images)
        taken: float = one_upload(self.deployed, self.start, record)["RecordImage"]["seconds"]
        return taken

    def keep(self, images: int) -> None:
        """Takes the oldest images out of the repository, or puts older ones into it: settled, as after their turn."""
        ecr, repository = self.deployed.pipeline.ecr, self.deployed.pipeline.repository
        kept = sorted(tag for tag in self.deployed.pipeline.images() if tag.startswith("build-"))
        for surplus in batched(kept[:-images], 100, strict=False):
            ecr.batch_delete_image(repositoryName=repository, imageIds=[{"imageTag": tag} for tag in surplus])
        missing = [tag for tag in OLD if tag not in kept][: max(0, images - len(kept))]
        for tag in missing:
            digest = f"sha256:{hashlib.sha256(tag.encode()).hexdigest()}"
            layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest, "size": 1}
            manifest = json.dumps({"schemaVersion": 2, "mediaType": OCI, "config": layer, "layers": [layer]})
            for name in (tag, f"settled-{tag}"):
                ecr.put_image(
                    repositoryName=repository, imageTag=name, imageManifest=manifest, imageManifestMediaType=OCI
                )


def measure(here: Account, pipeline: Pipeline) -> list[Figure]:
    """Recording beside each number of images, in turns."""
    deployed = Deployed(here, pipeline)
    with step("Recording"), deployed.unpolled(*FUNCTIONS), deployed.process("StartBuild") as start:
        recording = Recording(deployed, start)
        measured = alternately(RUNS, [partial(recording.beside, images) for images in KEPT])
    return [
        Figure(f"recording an upload, {state}", f"{images:,} images kept", "s", tuple(each[column] for each in values))
        for column, state in enumerate(("cold", "warm"))
        for images, values in zip(KEPT, measured, strict=True)
    ]
