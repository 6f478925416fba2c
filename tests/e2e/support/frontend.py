"""A frontend that an upload can name by `# syntax=`: its image, in the engine that the builds use."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local.docker import debian, images
from local.docker.base_image import LOCK
from local.docker.client import succeeds
from local.docker.runtime_image import HERE, PLATFORM, RELEASE

PROGRAM = Path(__file__).with_name("frontend_program.py")
NAME = f"127.0.0.1:1/frontend:{os.getpid()}"  # no registry is there, and the engine's users may run this suite at once
BASE = "public.ecr.aws/docker/library/python:3.13-slim"
PACKAGES = [
    *("libc6", "libgcc-s1", "zlib1g", "libexpat1", "libssl3t64", "libzstd1"),
    *("libpython3.13-minimal", "python3.13-minimal"),
]
FROM_PACKAGES = "FROM scratch\nADD root.tar /\nENV PATH=/usr/bin\n"
FROM_BASE = f"""\
FROM {BASE}
COPY {PROGRAM.name} /
ENV FRONTEND={NAME} WANTED={{wanted}}
ENTRYPOINT ["python3.13", "/{PROGRAM.name}"]
"""


@contextmanager
def frontend(engine: Mapping[str, str], wanted: Mapping[str, list[str]]) -> Iterator[str]:
    """The name of the image, which tries to read what is wanted, while the block runs."""
    with LOCK.held():
        if not (succeeds(["image", "inspect", BASE], engine) or succeeds(["pull", BASE], engine)):
            make_base(engine)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(PROGRAM, folder)
        Path(folder, "Dockerfile").write_text(FROM_BASE.format(wanted=json.dumps(json.dumps(wanted))))
        images.build(engine, NAME, Path(folder), PLATFORM)
    try:
        yield NAME
    finally:
        succeeds(["image", "rm", "--force", NAME], engine)


def make_base(engine: Mapping[str, str]) -> None:
    """Builds an image with Python from Debian's packages, for this machine's architecture, as BuildKit takes it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        debian.lay_out(PACKAGES, root, of_release=RELEASE, architecture=HERE.platform)
        images.build_from(engine, BASE, FROM_PACKAGES, root, PLATFORM)
