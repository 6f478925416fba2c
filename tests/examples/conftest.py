"""An account in which deploy.py runs."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.stub import Stubber

from tests.examples.support.loading import loaded
from tests.examples.support.world import World, clients


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    """An account and SAM CLI; each answer that a test gives is asked for."""
    deploy = loaded(monkeypatch, "deploy")
    monkeypatch.setattr(deploy, "LOOK_SECONDS", 60)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    world = World(deploy, {name: Stubber(client) for name, client in clients().items()}, tmp_path, monkeypatch)
    world.sam()
    for stub in world.stubs.values():
        stub.activate()
    yield world
    for stub in world.stubs.values():
        stub.deactivate()
        stub.assert_no_pending_responses()
