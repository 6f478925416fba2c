"""Packages from this machine's Debian or Ubuntu sources, including other releases and architectures.

Installed packages are never upgraded. Packages of another release or architecture are only unpacked into a folder.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from local.progress import UserError

APT_SOURCES = (Path("/etc/apt/sources.list"), Path("/etc/apt/sources.list.d"))


def installable() -> bool:
    """Whether apt can be used here: on Debian or Ubuntu, as root."""
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def release() -> str:
    """The code name of this machine's release, such as `bookworm`. Empty if there is none."""
    found = re.search(r"^VERSION_CODENAME=(\S+)", Path("/etc/os-release").read_text(), re.MULTILINE)
    return found.group(1) if found else ""


def run(command: list[str], environment: dict[str, str] | None = None) -> str:
    """Runs a command and returns its output.

    Raises:
        UserError: it failed. The text has its last lines.
    """
    ended = subprocess.run(
        command,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"} | (environment or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        tail = "\n".join((ended.stdout + ended.stderr).splitlines()[-5:])
        raise UserError(f"`{' '.join(command)}` failed:\n{tail}")
    return ended.stdout


def install(packages: list[str]) -> None:
    """Installs the missing packages."""
    missing = [
        package
        for package in packages
        if subprocess.run(["dpkg-query", "--status", package], capture_output=True, check=False).returncode
    ]
    if missing:
        run(["apt-get", "update"])
        run(["apt-get", "install", "--yes", "--no-upgrade", "--no-install-recommends", *missing])


def unpack(
    packages: list[str], into: Path, *, of_release: str, architecture: str, with_dependencies: bool = False
) -> None:
    """Unpacks packages of another release or architecture into a folder, without installing them.

    Args:
        of_release: code name of the release, such as `trixie`.
        architecture: Debian's name, such as `arm64`.
        with_dependencies: also unpack all dependencies, down to the C library.
    """
    with tempfile.TemporaryDirectory() as folder:
        apt = Path(folder)
        for name in ("sources", "lists/partial", "cache/archives/partial"):
            (apt / name).mkdir(parents=True)
        for file in apt_files():
            text = suite().sub(of_release, file.read_text())
            (apt / "sources" / file.name).write_text(text)
        (apt / "nothing-installed").touch()
        (apt / "apt.conf").write_text(
            f'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "{apt}/sources";\n'
            f'Dir::State::lists "{apt}/lists";\nDir::State::status "{apt}/nothing-installed";\n'
            f'Dir::Cache "{apt}/cache";\nAPT::Sandbox::User "root";\n'
            f'APT::Architectures {{ "{architecture}"; }};\nAPT::Architecture "{architecture}";\n'
        )
        environment = {"APT_CONFIG": f"{apt}/apt.conf"}
        archives = apt / "cache" / "archives"
        run(["apt-get", "update"], environment)
        if with_dependencies:
            install = ["apt-get", "install", "--yes", "--download-only", "--no-install-recommends"]
            run([*install, *packages], environment)
        else:
            run(["sh", "-c", 'cd "$0" && apt-get download "$@"', str(archives), *packages], environment)
        for archive in sorted(archives.glob("*.deb")):
            run(["dpkg", "--extract", str(archive), str(into)])


def lay_out(packages: list[str], root: Path, *, of_release: str, architecture: str) -> None:
    """Unpacks packages into a new root folder whose `bin`, `lib` and `sbin` are links into `usr`, as Debian's are."""
    for name in ("bin", "lib", "lib64", "sbin"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    unpack(packages, root, of_release=of_release, architecture=architecture)


def apt_files() -> list[Path]:
    """apt's files with this release's suites, without other vendors'."""
    found = [path for place in APT_SOURCES for path in ([place] if place.is_file() else place.glob("*"))]
    return [path for path in found if path.suffix in {".list", ".sources"} and suite().search(path.read_text())]


def suite() -> re.Pattern[str]:
    """Matches this release at the start of a suite's name: a vendor's name may end with it."""
    return re.compile(rf"(?<![-\w]){release()}\b")
