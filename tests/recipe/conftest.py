"""A world of its own for each test."""

from pathlib import Path

import pytest

from tests.recipe.support.sandbox import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """S3 with one small upload, an empty repository, and an engine whose next build gives an arm64 image."""
    return World(tmp_path)
