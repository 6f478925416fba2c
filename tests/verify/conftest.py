"""A run that has begun, in a folder of its own."""

from pathlib import Path

import pytest

from verify import run
from verify.run import Run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the runs."""
    monkeypatch.setattr(run, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def begun() -> Run:
    """A run that has begun."""
    run = Run.new("111122223333", "us-east-1")
    run.save()
    return run
