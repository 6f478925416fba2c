"""The image in which `sam local invoke` runs the functions: Lambda's, set up for one local cloud.

The image is for this machine's architecture: under emulation the functions don't start within their timeout. If no
registry can be reached, the image is made from Debian's Python packages.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import samcli

from local.docker import debian, images
from local.docker.client import succeeds
from local.emulator import ROOT
from local.progress import UserError, step


@dataclass(frozen=True)
class Architecture:
    """One of Lambda's architectures: its names in Lambda, in Docker and Debian, and in wheels."""

    name: str
    platform: str
    wheels: str


ARM64 = Architecture("arm64", "arm64", "aarch64")
X86_64 = Architecture("x86_64", "amd64", "x86_64")


def of_machine(machine: str) -> Architecture:
    """The architecture on which a machine runs the functions natively. `machine` is from `uname -m`."""
    return ARM64 if machine in {"aarch64", "arm64"} else X86_64


HERE = of_machine(platform.machine())
BASE = f"public.ecr.aws/lambda/python:3.13-{HERE.name}"
# SAM CLI builds this image from the base, or uses an existing one.
NAME = f"public.ecr.aws/lambda/python:3.13-rapid-{HERE.name}"
PLATFORM = f"linux/{HERE.platform}"
EMULATOR = Path(samcli.__file__).parent / "local" / "rapid" / f"aws-lambda-rie-{HERE.name}"
RELEASE = "trixie"  # its Python is 3.13
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


@contextmanager
def bound_to(endpoint: str, engine: Mapping[str, str], name: str = NAME) -> Iterator[None]:
    """While the block runs, functions in the image of this name use AWS at this address.

    Raises:
        UserError: the image can be neither pulled nor made here.
    """
    pull = ["pull", "--platform", PLATFORM, BASE]
    if not (succeeds(["image", "inspect", BASE], engine) or succeeds(pull, engine, images.BUILD_SECONDS)):
        if not debian.installable():
            raise UserError(f"{BASE} can't be pulled. Check the network, or run this as root on Debian or Ubuntu.")
        with step(f"No registry answers: making {BASE} from Debian's Python"):
            make(engine)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(EMULATOR, folder)
        (Path(folder) / "Dockerfile").write_text(BOUND.format(endpoint=endpoint))
        images.build(engine, name, Path(folder), PLATFORM)
    try:
        yield
    finally:
        succeeds(["image", "rm", "--force", name], engine)


def make(engine: Mapping[str, str]) -> None:
    """Builds the image with Python, boto3 and AWS's runtime client."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        debian.lay_out(PACKAGES, root, of_release=RELEASE, architecture=HERE.platform)
        for name in ("opt", "tmp", "var/task", "var/runtime"):
            (root / name).mkdir(parents=True, exist_ok=True)
        (root / "tmp").chmod(0o1777)
        fill(root / "var/runtime")
        # Compile it now, or each start of a function would do it.
        code = [root / "usr/lib/python3.13", root / "var/runtime"]
        debian.run([sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", *map(str, code)])
        images.build_from(engine, BASE, DOCKERFILE, root, PLATFORM)


def fill(runtime: Path) -> None:
    """Installs the libraries of Lambda's runtime into its folder."""
    target = ["--target", str(runtime), "--platform", f"manylinux2014_{HERE.wheels}", "--only-binary", ":all:"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *target]
    ended = subprocess.run(
        [*command, "--python-version", "3.13", "--requirement", ROOT / "requirements/runtime.txt"],
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
