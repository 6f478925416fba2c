"""A Docker engine that builds and runs linux/arm64: the running one, or a private one that is set up here.

The private engine is in a folder of the user's cache, with its own programs, socket and images. It is kept between
runs, because its cache makes builds quick, but it only runs while a command uses it.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from local.docker import debian
from local.docker.client import docker, usable
from local.docker.locks import Lock
from local.progress import UserError

HOME = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "source-to-ecr" / "engine"
PROGRAMS = HOME / "programs"
SOCKET = HOME / "docker.sock"
PID_FILE = HOME / "docker.pid"
# Held while installing, starting or stopping the engine, never while using it.
DOOR = Lock(HOME / "door.lock")
# Every user of the private engine holds this lock shared. A command that gets it exclusively is the last user.
USERS = HOME / "users.lock"
PLUGINS = PROGRAMS / "usr/libexec/docker/cli-plugins"
# Debian 12's engine is too old for BuildKit's registry caches and has no buildx. These packages run on its C library.
NEWER_RELEASE = "trixie"
ENGINE_PACKAGES = ["docker.io", "docker-cli", "containerd", "docker-buildx"]
START_SECONDS = 300  # a limit for one that hangs; one that exits is noticed at once
STOP_SECONDS = 20
# A shell that exits at once starts it, so that the engine isn't a child of this command, which may end long before it.
LAUNCH = 'dockerd --config-file "$1" < /dev/null > "$2" 2>&1 & echo $!'
HOW_TO = (
    "Start Docker with buildx and arm64 emulation, such as Docker Desktop, and run this again. "
    "As root on Debian or Ubuntu, this command sets up an engine itself."
)


@contextmanager
def engine() -> Iterator[dict[str, str]]:
    """The environment variables with which `docker buildx build --platform linux/arm64` works, while the block runs.

    Raises:
        UserError: there is no engine and none can be set up here. The text says what to install.
    """
    HOME.mkdir(parents=True, exist_ok=True)
    with USERS.open("a") as users:
        with DOOR.held():
            tools()
            found = running_already()
            if found:
                require_arm64(found)
            else:
                enter(users)
        if found:
            yield found
            return
        try:
            yield private_environment()
        finally:
            with DOOR.held():
                leave(users)


def running_already() -> dict[str, str] | None:
    """The environment variables of the user's own engine, if it answers."""
    if not usable(os.environ):
        return None
    # By address, because builds have their own configuration without the user's contexts.
    host = docker(["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"], os.environ).stdout.strip()
    environment = {"DOCKER_HOST": host}
    if "DOCKER_CONFIG" in os.environ:
        environment["DOCKER_CONFIG"] = os.environ["DOCKER_CONFIG"]
    return environment


def private_environment() -> dict[str, str]:
    """The environment variables of the private engine."""
    return {"DOCKER_HOST": f"unix://{SOCKET}", "PATH": private_path(), "DOCKER_CONFIG": str(HOME / "config")}


def enter(users: TextIO) -> None:
    """Registers this command as a user of the private engine, and starts it if needed. Call it behind the door.

    Args:
        users: this command's open file of the shared lock.

    Raises:
        UserError: it can't be set up here, or didn't start.
    """
    if not debian.installable():
        raise UserError(f"No Docker engine with buildx is running. {HOW_TO}")
    fcntl.flock(users, fcntl.LOCK_SH)  # doesn't block: it is only held exclusively behind the door
    environment = private_environment()
    try:
        if not usable(environment):
            stop()  # a killed command may have left it half started
            set_up()
            start(environment)
        require_arm64(environment)
    except BaseException:
        leave(users)
        raise


def leave(users: TextIO) -> None:
    """Ends this command's use of the private engine, and stops it after the last user. Call it behind the door."""
    fcntl.flock(users, fcntl.LOCK_UN)
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # another command uses it
    stop()
    fcntl.flock(users, fcntl.LOCK_UN)


def private_path() -> str:
    """PATH with the private engine's programs first and the system's sbin folders last."""
    return os.pathsep.join(
        [str(PROGRAMS / "usr/bin"), str(PROGRAMS / "usr/sbin"), os.environ["PATH"], "/usr/sbin", "/sbin"]
    )


def tools() -> None:
    """Makes sure that curl, which builds use, and jq, which documented commands use, are installed.

    AWS's build images have both, a bare machine may not.
    """
    missing = [tool for tool in ("curl", "jq") if not shutil.which(tool)]
    if not missing:
        return
    if not debian.installable():
        raise UserError(f"Install {' and '.join(missing)}, then run this again.")
    with DOOR.step(f"Installing {' and '.join(missing)}"):
        debian.install(missing)


def require_arm64(environment: dict[str, str]) -> None:
    """Makes sure that the engine runs arm64 programs, with emulation on other machines."""
    if "linux/arm64" in docker(["buildx", "inspect"], environment).stdout:
        return
    if debian.installable():
        with DOOR.step("Enabling arm64 emulation"):
            enable_emulation()
    if "linux/arm64" not in docker(["buildx", "inspect"], environment).stdout:
        raise UserError(f"The Docker engine can't run linux/arm64. {HOW_TO}")


def enable_emulation() -> None:
    """Lets this machine's kernel run arm64 programs through qemu."""
    debian.install(["qemu-user-static", "binfmt-support"])
    if not Path("/proc/sys/fs/binfmt_misc/register").exists():
        debian.run(["mount", "-t", "binfmt_misc", "binfmt_misc", "/proc/sys/fs/binfmt_misc"])
    debian.run(["update-binfmts", "--enable", "qemu-aarch64"], {"PATH": private_path()})


def set_up() -> None:
    """Installs the private engine, once per machine."""
    if shutil.which("unpigz") is None:  # containerd unpacks layers with it; AWS's build images have it
        with DOOR.step("Installing pigz"):
            debian.install(["pigz"])
    if not PLUGINS.exists():
        with DOOR.step("Installing a private Docker engine (about 80 MB, once)"):
            debian.install(["ca-certificates", "iptables", "runc"])
            newer = debian.release() == "bookworm"
            unpacking = HOME / "unpacking"
            shutil.rmtree(unpacking, ignore_errors=True)
            debian.unpack(
                ENGINE_PACKAGES,
                unpacking,
                of_release=NEWER_RELEASE if newer else debian.release(),
                architecture=debian.run(["dpkg", "--print-architecture"]).strip(),
            )
            shutil.rmtree(PROGRAMS, ignore_errors=True)
            unpacking.rename(PROGRAMS)
    (HOME / "config" / "cli-plugins").mkdir(parents=True, exist_ok=True)
    plugin = HOME / "config" / "cli-plugins" / "docker-buildx"
    plugin.unlink(missing_ok=True)
    plugin.symlink_to(PLUGINS / "docker-buildx")
    settings = {
        "features": {"containerd-snapshotter": True},  # this image store can export BuildKit's registry caches
        "hosts": [f"unix://{SOCKET}"],
        "pidfile": str(PID_FILE),
        "data-root": str(HOME / "data"),
        "exec-root": str(HOME / "run"),
    }
    (HOME / "daemon.json").write_text(json.dumps(settings))


def start(environment: dict[str, str]) -> None:
    """Starts the private engine and waits until it answers.

    Raises:
        UserError: it didn't start. The text has the end of its log.
    """
    log = HOME / "docker.log"
    with DOOR.step("Starting the Docker engine"):
        launched = subprocess.run(
            ["sh", "-c", LAUNCH, "sh", HOME / "daemon.json", log],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
            start_new_session=True,  # Ctrl-C goes to the command that uses the engine, which then stops it
        )
        process = int(launched.stdout)
        deadline = time.monotonic() + START_SECONDS
        while docker(["version"], environment).returncode:
            if not runs(process) or time.monotonic() > deadline:
                tail = "\n".join(log.read_text().splitlines()[-5:])
                raise UserError(f"The Docker engine didn't start:\n{tail}")
            time.sleep(0.2)


def stop() -> None:
    """Stops the private engine, by its pid file. Does nothing if it isn't running."""
    if not PID_FILE.exists():
        return
    DOOR.announce("Stopping the Docker engine")
    process = int(PID_FILE.read_text())
    for request in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + STOP_SECONDS
        if runs(process):
            os.kill(process, request)
        while runs(process) and time.monotonic() < deadline:
            time.sleep(0.1)
    PID_FILE.unlink(missing_ok=True)  # the engine removes it, unless it was killed


def runs(process: int) -> bool:
    """Whether the process is the private engine: its id may have been reused."""
    try:
        return str(HOME) in Path(f"/proc/{process}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
