"""Builds images in the engine from a Dockerfile and a folder of files."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from local.docker import debian
from local.docker.client import succeeds
from local.progress import UserError

ARM64 = "linux/arm64"
BUILD_SECONDS = 600


def build(engine: Mapping[str, str], name: str, folder: Path, platform: str = ARM64) -> None:
    """Builds an image from a folder with a Dockerfile, and keeps it in the engine.

    Raises:
        UserError: it couldn't be built.
    """
    command = ["buildx", "build", "--platform", platform, "--provenance=false", "--load", "--tag", name, str(folder)]
    if not succeeds(command, engine, BUILD_SECONDS):
        raise UserError(f"{name} couldn't be built.")


def build_from(engine: Mapping[str, str], name: str, dockerfile: str, root: Path, platform: str = ARM64) -> None:
    """Builds an image whose Dockerfile adds `root.tar`: the files of the folder `root`, which belong to root.

    Raises:
        UserError: it couldn't be built.
    """
    with tempfile.TemporaryDirectory() as folder:
        owner = ["--numeric-owner", "--owner=0", "--group=0"]
        debian.run(["tar", "--create", *owner, "--file", f"{folder}/root.tar", "--directory", str(root), "."])
        Path(folder, "Dockerfile").write_text(dockerfile)
        build(engine, name, Path(folder), platform)
