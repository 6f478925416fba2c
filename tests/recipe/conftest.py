"""A sandbox of its own for each test."""

from pathlib import Path

import pytest

from tests.recipe.support.sandbox import Sandbox


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    """S3 with one small upload, an empty repository, and an engine whose next build gives an arm64 image."""
    return Sandbox(tmp_path)
