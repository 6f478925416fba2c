"""Faults of CodeBuild's engine, if the settings ask for them: a `docker` in front of the real one on a build's PATH."""

from pathlib import Path

from local.cloud.shared.live_settings import Settings

# As users of runc report it: https://github.com/gitpod-io/workspace-images/issues/1454
REFUSED = (
    "Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create "
    "failed: runc create failed: unable to start container process: unable to apply cgroup configuration: cannot enter "
    'cgroupv2 "/sys/fs/cgroup/docker" with domain controllers -- it is in threaded mode: unknown'
)
WITHOUT_STORE = 'info) "$docker" "$@" | sed s/io.containerd.snapshotter.v1/overlay2/; exit ;;'
WITHOUT_LIMITS = f"start) echo '{REFUSED}' >&2; exit 1 ;;"
SCRIPT = """\
#!/bin/sh
docker={docker}
case $1 in
{cases}
esac
exec "$docker" "$@"
"""


def write(folder: Path, docker: str, settings: Settings) -> bool:
    """Writes the program into the folder, and returns whether the settings ask for a fault."""
    cases = [WITHOUT_STORE] * (not settings.caching_store) + [WITHOUT_LIMITS] * (not settings.process_limits)
    if not cases:
        return False
    folder.mkdir(parents=True)
    program = folder / "docker"
    program.write_text(SCRIPT.format(docker=docker, cases="\n".join(cases)))
    program.chmod(0o755)
    return True
