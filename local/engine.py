"""A Docker engine that builds and runs linux/arm64: the one that runs already, or a private one that is set up here.

The private engine lives in one folder of the user's cache, with its own programs, socket and images. It is kept from
run to run, since what it has cached makes the next build quick, but it runs only while somebody uses it.
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

from local import debian
from local.progress import UserError, step

HOME = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "source-to-ecr" / "engine"
PROGRAMS = HOME / "programs"
SOCKET = HOME / "docker.sock"
PID_FILE = HOME / "docker.pid"
PLUGINS = PROGRAMS / "usr/libexec/docker/cli-plugins"
# Debian 12's own engine is too old for BuildKit's registry caches and has no buildx. These run on its C library.
NEWER_RELEASE = "trixie"
ENGINE_PACKAGES = ["docker.io", "docker-cli", "containerd", "docker-buildx"]
START_SECONDS = 60
STOP_SECONDS = 20
HOW_TO = (
    "Start Docker (with buildx and arm64 emulation, as Docker Desktop has them) and call this again. "
    "On Debian and Ubuntu, root gets an engine set up by this command."
)


@contextmanager
def engine() -> Iterator[dict[str, str]]:
    """The environment variables under which `docker buildx build --platform linux/arm64` works, while the block runs.

    Raises:
        UserError: there is no engine and none can be set up here; the text says what to install.
    """
    tools()
    if usable(os.environ):
        # By its address, since a build has a configuration of its own, in which the user's contexts are not.
        host = docker(["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"], os.environ).stdout.strip()
        environment = {"DOCKER_HOST": host}
        if "DOCKER_CONFIG" in os.environ:
            environment["DOCKER_CONFIG"] = os.environ["DOCKER_CONFIG"]
        require_arm64(environment)
        yield environment
        return
    if not debian.installable():
        raise UserError(f"No Docker engine with buildx answers. {HOW_TO}")
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "lock").open("w") as lock:
        # Shared while in use, and taken whole to start and to stop: who leaves last stops the engine.
        fcntl.flock(lock, fcntl.LOCK_EX)
        environment = {"DOCKER_HOST": f"unix://{SOCKET}", "PATH": private_path(), "DOCKER_CONFIG": str(HOME / "config")}
        started = None
        try:
            if not usable(environment):
                set_up()
                started = start(environment)
            fcntl.flock(lock, fcntl.LOCK_SH)
            require_arm64(environment)
            yield environment
        finally:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # somebody else works with it
            else:
                stop()
                if started:
                    started.wait(timeout=STOP_SECONDS)


def private_path() -> str:
    """PATH with the private engine's programs first and the system's own administration folders last."""
    return os.pathsep.join(
        [str(PROGRAMS / "usr/bin"), str(PROGRAMS / "usr/sbin"), os.environ["PATH"], "/usr/sbin", "/sbin"]
    )


def tools() -> None:
    """Sees to the other programs that a build's recipe runs: AWS's build image has them, a bare machine may not."""
    missing = [name for name in ("jq", "unzip") if shutil.which(name) is None]
    if missing and debian.installable():
        with step(f"Installing {' and '.join(missing)}"):
            debian.install(missing)
    elif missing:
        raise UserError(f"Please install {' and '.join(missing)}.")


def docker(arguments: list[str], environment: dict[str, str] | os._Environ[str]) -> subprocess.CompletedProcess[str]:
    """What the docker command did, within a minute."""
    return subprocess.run(
        ["docker", *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def usable(environment: dict[str, str] | os._Environ[str]) -> bool:
    """Whether an engine answers there and the client has buildx."""
    if shutil.which("docker", path=environment.get("PATH", os.environ["PATH"])) is None:
        return False
    return all(docker(call, environment).returncode == 0 for call in (["version"], ["buildx", "version"]))


def require_arm64(environment: dict[str, str]) -> None:
    """Sees to it that the engine runs arm64 programs, by emulation on another machine."""
    if "linux/arm64" in docker(["buildx", "inspect"], environment).stdout:
        return
    if debian.installable():
        with step("Enabling arm64 emulation"):
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
    """Installs what the private engine needs; once a machine."""
    if not PLUGINS.exists():
        with step("Installing a Docker engine of its own (about 80 MB, once)"):
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
        "features": {"containerd-snapshotter": True},  # this image store exports BuildKit's registry caches
        "hosts": [f"unix://{SOCKET}"],
        "pidfile": str(PID_FILE),
        "data-root": str(HOME / "data"),
        "exec-root": str(HOME / "run"),
    }
    (HOME / "daemon.json").write_text(json.dumps(settings))


def start(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Starts the private engine and waits until it answers."""
    with step("Starting the Docker engine"), (HOME / "docker.log").open("w") as log:
        PID_FILE.unlink(missing_ok=True)
        process = subprocess.Popen(
            ["dockerd", "--config-file", HOME / "daemon.json"],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the command that uses the engine, which then stops it
        )
        deadline = time.monotonic() + START_SECONDS
        while docker(["version"], environment).returncode:
            if process.poll() is not None or time.monotonic() > deadline:
                tail = "\n".join((HOME / "docker.log").read_text().splitlines()[-5:])
                raise UserError(f"The Docker engine didn't start:\n{tail}")
            time.sleep(0.2)
    return process


def stop() -> None:
    """Stops the private engine, by the process id that it wrote."""
    if not PID_FILE.exists():
        return
    process = int(PID_FILE.read_text())
    command = Path(f"/proc/{process}/cmdline")
    if not command.exists() or str(HOME) not in command.read_text():
        PID_FILE.unlink()  # it was killed, and the number may be another program's by now
        return
    os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while PID_FILE.exists() and time.monotonic() < deadline:  # the engine removes the file at its end
        time.sleep(0.1)
