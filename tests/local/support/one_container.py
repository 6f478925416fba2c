"""An engine that has one container: `docker` is a script that prints the files that a test puts there."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOCKER = """\
cd {folder}
echo "$@" >> calls
[ ! -e "$1.error" ] || {{ cat "$1.error" >&2; exit 1; }}
[ ! -e "$1" ] || cat "$1"
"""
URI = "127.0.0.1:1/service@sha256:0"


@dataclass(frozen=True)
class Engine:
    """An engine that has one container."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The engine's environment variables."""
        return {"PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}

    def has(self, *, status: str = "running", code: int = 0, ports: dict[str, int | None] | None = None) -> None:
        """Sets what the container is: its state, and where its ports are published, if they are."""
        published = {
            port: [{"HostIp": "0.0.0.0", "HostPort": str(at)}, {"HostIp": "::", "HostPort": str(at)}] if at else None  # noqa: S104
            for port, at in (ports or {}).items()
        }
        container: dict[str, Any] = {
            "State": {"Status": status, "ExitCode": code},
            "Config": {"ExposedPorts": {port: {} for port in published}} if published else {},
            "NetworkSettings": {"Ports": published if status == "running" else {}},
        }
        self.answers("inspect", json.dumps([container]))

    def answers(self, command: str, text: str) -> None:
        """Sets what a command prints."""
        (self.folder / command).write_text(text)

    def refuses(self, command: str, text: str) -> None:
        """Sets the error with which a command fails."""
        (self.folder / f"{command}.error").write_text(text)

    def calls(self) -> list[str]:
        """The commands that were called."""
        return (self.folder / "calls").read_text().splitlines()
