"""What a test may change while the local cloud runs: a JSON file beside its state, read anew at each use."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

FOLDER_VARIABLE = "LOCAL_CLOUD_FOLDER"


@dataclass(frozen=True)
class Settings:
    """Facts of the account and of CodeBuild that the stack can't set."""

    concurrent_builds: int = 20
    """The account's quota; five times as many may wait in the queue."""
    minute_seconds: float = 60
    """How long a minute is of a build's timeout and of a health check's times."""
    build_events: bool = True
    """Whether CodeBuild's events arrive: they are best effort."""
    service_updates: bool = True
    """Whether CloudFormation's update of a stack reaches its ECS service: in express mode it may not."""


def folder() -> Path:
    """The folder in which this local cloud keeps its builds."""
    return Path(os.environ[FOLDER_VARIABLE])


def gateway() -> str:
    """Where the emulator and its registry listen: host and port."""
    return f"127.0.0.1:{os.environ['GATEWAY_PORT']}"


def settings() -> Settings:
    """The settings as they stand now."""
    file = folder() / "settings.json"
    return Settings(**json.loads(file.read_text())) if file.exists() else Settings()
