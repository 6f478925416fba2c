"""An account of its own for each test."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from ship.access import Access
from tests.ship.support.world import World
from tests.support.digests import digests_of_manifests
from tests.support.hooks import unhook_all


@pytest.fixture
def world() -> Iterator[World]:
    """An account with a stack, in which nothing was uploaded yet."""
    with mock_aws(), digests_of_manifests():
        yield World(Access(region="us-east-1"))
    unhook_all()
