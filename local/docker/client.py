"""Docker's client: runs its commands, and says whether an engine answers it."""

import os
import shutil
import subprocess
from collections.abc import Mapping


def docker(
    arguments: list[str], environment: Mapping[str, str], seconds: float = 60
) -> "subprocess.CompletedProcess[str]":
    """Runs a docker command in this process's environment with the engine's variables.

    Raises:
        TimeoutExpired: it took longer than this many seconds.
    """
    return subprocess.run(
        ["docker", *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )


def succeeds(arguments: list[str], environment: Mapping[str, str], seconds: float = 60) -> bool:
    """Runs a docker command. Returns whether it succeeded in time."""
    try:
        return docker(arguments, environment, seconds).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def usable(environment: Mapping[str, str]) -> bool:
    """Whether an engine answers there and the client has buildx."""
    if shutil.which("docker", path=environment.get("PATH", os.environ["PATH"])) is None:
        return False
    return all(docker(call, environment).returncode == 0 for call in (["version"], ["buildx", "version"]))
