"""Somebody who sends a folder."""

from pathlib import Path

import pytest

from ship.source import packing
from tests.support.trees import write
from tests.unit.ship.support.uploader import Uploader
from tests.unit.ship.support.world import Capsys, World


@pytest.fixture
def uploader(world: World, tmp_path: Path, capsys: Capsys) -> Uploader:
    """Somebody with a folder `app` that has a Dockerfile."""
    return Uploader(world, write(tmp_path / "app", {"Dockerfile": "FROM scratch\n"}), capsys)


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be packed."""
    monkeypatch.setattr(packing, "pack", lambda *_: pytest.fail("This is packed."))
