"""Provides the example's base image. If no registry can be reached, it is made from Debian's arm64 package."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from local.docker import debian, images
from local.docker.client import succeeds
from local.docker.locks import Lock
from local.docker.private_engine import HOME
from local.progress import UserError, say

NAME = "public.ecr.aws/docker/library/busybox:stable"
LOCK = Lock(HOME / "base-image.lock")
DOCKERFILE = """\
FROM scratch
ADD root.tar /
RUN ["/bin/busybox", "--install", "-s", "/bin"]
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["sh"]
"""
FOLDERS = ("bin", "dev", "etc/ssl/certs", "home", "proc", "root", "sys", "tmp", "var")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def provide(engine: Mapping[str, str]) -> None:
    """Makes sure that the engine has the base image for arm64.

    Raises:
        UserError: it can be neither pulled nor made here.
    """
    with LOCK.held():
        if succeeds(["image", "inspect", NAME], engine) or pull(engine):
            return
        if not debian.installable():
            raise UserError(f"{NAME} can't be pulled. Check the network, or run this as root on Debian or Ubuntu.")
        with LOCK.step(f"No registry answers: making {NAME} from Debian's busybox-static for arm64"):
            make(engine)


def pull(engine: Mapping[str, str]) -> bool:
    """Pulls the image. Returns whether that succeeded."""
    with LOCK.step(f"Pulling {NAME}"):
        pulled = succeeds(["pull", "--platform", images.ARM64, NAME], engine)
    if not pulled:
        say(f"  Couldn't pull {NAME}.")
    return pulled


def make(engine: Mapping[str, str]) -> None:
    """Builds the image from busybox and this machine's certificates."""
    with tempfile.TemporaryDirectory() as folder:
        package, root = Path(folder) / "package", Path(folder) / "root"
        debian.unpack(["busybox-static"], package, of_release=debian.release(), architecture="arm64")
        for name in FOLDERS:
            (root / name).mkdir(parents=True)
        (root / "tmp").chmod(0o1777)
        program = next(path for path in (package / "bin/busybox", package / "usr/bin/busybox") if path.exists())
        program.rename(root / "bin/busybox")
        if CERTIFICATES.exists():
            shutil.copy(CERTIFICATES, root / "etc/ssl/certs")
        images.build_from(engine, NAME, DOCKERFILE, root)
