"""Docker's client, and whether an engine answers it."""

import os
import shutil
import subprocess


def docker(arguments: list[str], environment: dict[str, str] | os._Environ[str]) -> subprocess.CompletedProcess[str]:
    """Runs a docker command, with a timeout of a minute."""
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
