"""Settings that a test can change while the local cloud runs, from a JSON file that is read on each use."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

FOLDER_VARIABLE = "LOCAL_CLOUD_FOLDER"
USED_PERMISSIONS = "used-permissions.jsonl"
"""The file in the folder that lists the permissions that were used."""


@dataclass(frozen=True)
class Settings:
    """Facts of the account and of CodeBuild that the stack can't set."""

    concurrent_builds: int = 20
    """The account's quota. Five times as many builds can wait in the queue."""
    minute_seconds: float = 60
    """The length of a minute in build timeouts and health checks."""
    build_events: bool = True
    """Whether CodeBuild's events arrive: AWS sends them on a best-effort basis."""
    build_variables: bool = True
    """Whether a build gets the variables of its StartBuild request."""
    caching_store: bool = True
    """Whether a build's engine has the image store that can export a cache."""
    process_limits: bool = True
    """Whether a build's engine starts containers with a limit on processes: in some cgroups of version 2 it doesn't."""
    event_deliveries: bool = True
    """Whether EventBridge can deliver events to queues."""
    service_updates: bool = True
    """Whether a stack update reaches its ECS service: in express mode it may not."""


def folder() -> Path:
    """The local cloud's folder."""
    return Path(os.environ[FOLDER_VARIABLE])


def gateway() -> str:
    """Host and port of the emulator and its registry."""
    return f"127.0.0.1:{os.environ['GATEWAY_PORT']}"


def settings() -> Settings:
    """The current settings."""
    file = folder() / "settings.json"
    return Settings(**json.loads(file.read_text())) if file.exists() else Settings()
