"""Measures how long StartBuild takes to reject a large upload that can't be built."""

import zipfile
from pathlib import Path

from local.emulator import Account
from local.pipeline import Pipeline
from local.progress import step
from tools.bench.figures import Figure
from tools.bench.handlers import Deployed

RUNS = 5
MEBIBYTES = 1024


def measure(here: Account, pipeline: Pipeline) -> list[Figure]:
    """A zip of 1 GiB without a Dockerfile: how long, how many bytes and requests, how much memory."""
    file = here.folder / "large.zip"
    with step("Rejecting 1 GiB"):
        write(file)
        deployed = Deployed(here, pipeline)
        with deployed.unpolled("StartBuild"):
            taken = [reject(deployed, file, number) for number in range(RUNS)]
        file.unlink()
    whats = {"seconds": "s", "read": "KiB", "requests": "", "mebibytes": "MiB"}
    names = {"seconds": "from the message to the rejection", "read": "read", "requests": "requests for it"}
    return [
        Figure("rejecting a zip of 1 GiB", names.get(what, "memory"), unit, tuple(each[what] for each in taken))
        for what, unit in whats.items()
    ]


def write(file: Path) -> None:
    """A zip of one large file, as it is written on a disk: mostly holes."""
    block = bytes(1 << 20)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive, archive.open("film.mp4", "w") as entry:
        for _ in range(MEBIBYTES):
            entry.write(block)


def reject(deployed: Deployed, file: Path, number: int) -> dict[str, float]:
    """The warm function's time and memory for one such upload."""
    pipeline = deployed.pipeline
    small, large = f"small-{number}.zip", f"large-{number}.zip"
    pipeline.upload(small, b"no zip")
    pipeline.s3.upload_file(str(file), pipeline.bucket, large)
    events = [deployed.event("StartBuild", key) for key in (small, large)]
    with deployed.process("StartBuild", MAX_SOURCE_MIB="5120") as process:
        process.invoke(events[0])
        taken = process.invoke(events[1])
    if "UploadRejected" not in taken["log"]:
        raise RuntimeError(f"StartBuild rejected nothing: {taken['log']}")
    pipeline.s3.delete_object(Bucket=pipeline.bucket, Key=large)
    return {
        "seconds": taken["seconds"],
        "read": taken["read"] / 1024,
        "requests": taken["asked"].count("GetObject"),
        "mebibytes": taken["mebibytes"],
    }
