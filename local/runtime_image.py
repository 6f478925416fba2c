"""What `sam local invoke` runs the functions in: Lambda's image for arm64, bound to one account on this machine.

Where no registry can be reached, the image is made from Debian's own packages of Python, and said so.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import samcli

from local import debian
from local.account import ROOT
from local.base_image import docker
from local.progress import UserError, step

BASE = "public.ecr.aws/lambda/python:3.13-arm64"
# SAM CLI makes this one of the base, or takes the one that is there.
NAME = "public.ecr.aws/lambda/python:3.13-rapid-arm64"
EMULATOR = Path(samcli.__file__).parent / "local" / "rapid" / "aws-lambda-rie-arm64"
RELEASE = "trixie"  # the one whose Python is 3.13
PACKAGES = [
    *("libc6", "libgcc-s1", "libstdc++6", "zlib1g", "libexpat1", "libssl3t64", "libzstd1", "libffi8", "libbz2-1.0"),
    *("liblzma5", "libuuid1", "libpython3.13-minimal", "libpython3.13-stdlib", "python3.13-minimal"),
]
BOOTSTRAP = """\
#!/usr/bin/python3.13
import os, sys
os.environ["PYTHONPATH"] = "/var/task:/var/runtime"
os.execv(sys.executable, [sys.executable, "-m", "awslambdaric", os.environ["_HANDLER"]])
"""
DOCKERFILE = """\
FROM scratch
ADD root.tar /
ENV PATH=/usr/bin LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime LANG=C.UTF-8
WORKDIR /var/task
"""
BOUND = f"""\
FROM {BASE}
COPY --chmod=755 {EMULATOR.name} /var/rapid/aws-lambda-rie
ENV AWS_ENDPOINT_URL={{endpoint}}
ENTRYPOINT ["/var/rapid/aws-lambda-rie"]
"""
BUILD_SECONDS = 300


@contextmanager
def bound_to(endpoint: str, engine: Mapping[str, str], name: str = NAME) -> Iterator[None]:
    """While the block runs, what `sam local invoke` runs in the image of this name knows AWS at this address.

    Raises:
        UserError: the image can neither be pulled nor be made here.
    """
    if not (docker(engine, ["image", "inspect", BASE]) or docker(engine, ["pull", "--platform", "linux/arm64", BASE])):
        if not debian.installable():
            raise UserError(f"{BASE} can't be pulled, and it can be made only on Debian or Ubuntu, as root.")
        with step(f"No registry answers: making {BASE} from Debian's Python for arm64"):
            make(engine)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(EMULATOR, folder)
        (Path(folder) / "Dockerfile").write_text(BOUND.format(endpoint=endpoint))
        build(engine, Path(folder), name)
    try:
        yield
    finally:
        docker(engine, ["image", "rm", "--force", name])


def build(engine: Mapping[str, str], folder: Path, name: str) -> None:
    """Builds an image for arm64 that stays in the engine."""
    command = ["buildx", "build", "--platform", "linux/arm64", "--provenance=false", "--load", "--tag", name]
    if not docker(engine, [*command, str(folder)], BUILD_SECONDS):
        raise UserError(f"{name} couldn't be built.")


def make(engine: Mapping[str, str]) -> None:
    """Builds the image: Python, boto3 and AWS's own runtime client."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        for name in ("bin", "lib", "sbin"):
            (root / "usr" / name).mkdir(parents=True)
            (root / name).symlink_to(f"usr/{name}")
        debian.unpack(PACKAGES, root, of_release=RELEASE, architecture="arm64")
        for name in ("opt", "tmp", "var/task", "var/runtime"):
            (root / name).mkdir(parents=True, exist_ok=True)
        (root / "tmp").chmod(0o1777)
        fill(root / "var/runtime")
        # Compiled here: emulated, that takes half a minute at each start.
        code = [root / "usr/lib/python3.13", root / "var/runtime"]
        debian.run([sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", *map(str, code)])
        owner = ["--numeric-owner", "--owner=0", "--group=0"]
        debian.run(["tar", "--create", *owner, "--file", f"{folder}/root.tar", "--directory", str(root), "."])
        shutil.rmtree(root)
        (Path(folder) / "Dockerfile").write_text(DOCKERFILE)
        build(engine, Path(folder), BASE)


def fill(runtime: Path) -> None:
    """Puts what Lambda's runtime brings into its folder."""
    target = ["--target", str(runtime), "--platform", "manylinux2014_aarch64", "--only-binary", ":all:"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *target]
    ended = subprocess.run(
        [*command, "--python-version", "3.13", "--requirement", ROOT / "requirements-runtime.txt"],
        env=os.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise UserError(f"Lambda's runtime client can't be installed:\n{ended.stderr[-2000:]}")
    (runtime / "bootstrap").write_text(BOOTSTRAP)
    (runtime / "bootstrap").chmod(0o755)
