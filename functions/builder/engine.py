"""Restarts CodeBuild's Docker engine with the image store that can export a cache.

An engine named by DOCKER_HOST has other users and is never restarted.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from builder import state
from builder.commands import Failed, run, why
from core import reasons

LOG = Path("/var/log/docker.log")
PID_FILE = Path("/var/run/docker.pid")
# AWS's images start the engine with this option, so any program on the machine can reach it. We start it without.
# https://github.com/aws/aws-codebuild-docker-images, dockerd-entrypoint.sh
# assumes: engine-command-line
TCP = b"tcp://127.0.0.1:2375"
SECONDS = 10
LOOK_SECONDS = 0.1
# By default BuildKit clips a step's output to 2 MiB, and to 200 KiB per second.
# https://github.com/moby/buildkit/blob/master/util/progress/logs/logs.go
LIMITS = {"BUILDKIT_STEP_LOG_MAX_SIZE": str(16 << 20), "BUILDKIT_STEP_LOG_MAX_SPEED": str(16 << 20)}
CACHING_STORE = b"io.containerd.snapshotter.v1"


def ready(mirror: str) -> bool:
    """Prepares the engine, and returns whether it can export a cache.

    Args:
        mirror: the registry that the engine asks first for Docker Hub's images; empty for none.

    Raises:
        Failed: the engine doesn't answer.
    """
    command = own_command()
    if command:
        restart(command, mirror)
    info = run(["docker", "info", "--format", "json"])
    if info.code:
        raise Failed(reasons.engine_silent(why(info)))
    return CACHING_STORE in info.output


def own_command() -> list[bytes]:
    """The command line of CodeBuild's own engine; empty if the engine wasn't started as AWS's images start it."""
    if os.environ.get("DOCKER_HOST"):
        return []
    try:
        words = Path(f"/proc/{pid()}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return []
    return [word for word in words if word] if any(TCP in word for word in words) else []


def restart(command: Sequence[bytes], mirror: str) -> None:
    """Restarts the engine with containerd's image store or, if that fails, with its old options. Never on a TCP port.

    Raises:
        Failed: the engine starts neither way.
    """
    config = state.FOLDER / "engine.json"
    config.write_text(json.dumps(configuration(mirror)))
    print("Restarting CodeBuild's engine without its TCP port.")
    # assumes: engine-restarts
    stop()
    if start([b"dockerd", b"--host=unix:///var/run/docker.sock", b"--config-file", os.fsencode(config.absolute())]):
        return
    print("The engine doesn't start with containerd's image store. It starts with its old one, without its TCP port.")
    if PID_FILE.exists():
        stop()
    if not start([word for word in command if TCP not in word]):
        raise Failed(reasons.engine_silent("It doesn't start. Its log is above."))


def configuration(mirror: str) -> dict[str, object]:
    """The engine's configuration: https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file."""
    # assumes: docker-hub-mirror
    return {"features": {"containerd-snapshotter": True}, "registry-mirrors": [mirror] if mirror else []}


def stop() -> None:
    """Stops the engine, and kills it if it takes too long."""
    process = pid()
    os.kill(process, signal.SIGTERM)
    if not soon(lambda: not PID_FILE.exists()):
        os.kill(process, signal.SIGKILL)
        PID_FILE.unlink(missing_ok=True)


def start(command: Sequence[bytes]) -> bool:
    """Starts the engine in its own session, so that it outlives this verb, and returns whether it answers."""
    with LOG.open("ab") as output:
        process = subprocess.Popen(
            command,
            env=os.environ | LIMITS,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # assumes: engine-outlives-command
            start_new_session=True,
        )
    if soon(lambda: answers() or process.poll() is not None) and process.poll() is None:
        process.returncode = 0  # keeps Popen from warning about a process that still runs
        return True
    with suppress(OSError):
        print("\n".join(LOG.read_text(errors="replace").splitlines()[-5:]))
    return False


def answers() -> bool:
    """Whether the engine answers."""
    return run(["docker", "version"]).code == 0


def pid() -> int:
    """The engine's process id."""
    return int(PID_FILE.read_text())


def soon(is_so: Callable[[], bool]) -> bool:
    """Whether the condition becomes true within SECONDS."""
    deadline = time.monotonic() + SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_SECONDS)
    return True
