"""How hypothesis runs here, and an account of its own for each test."""

from collections.abc import Iterator

import pytest
from hypothesis import settings
from moto import mock_aws

from ship.access import Access
from tests.ship.support.world import World
from tests.support.hooks import unhook_all

settings.register_profile("ship", database=None, deadline=None, derandomize=True)
settings.load_profile("ship")


@pytest.fixture
def world() -> Iterator[World]:
    """An account with a stack, in which nothing was uploaded yet."""
    with mock_aws():
        yield World(Access(region="us-east-1"))
    unhook_all()
