"""An account of its own for each test."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from ship.aws.access import Access
from tests.support.digests import digests_of_manifests
from tests.support.hooks import unhook_all
from tests.unit.ship.support.world import World, no_cluster


@pytest.fixture(scope="session")
def access() -> Access:
    """The caller's access. Its clients stay for all tests, since making them takes time; the tests' hooks don't."""
    made = Access(region="us-east-1")
    # As where no service of ECS is: registered for all clients that will be, as few tests need one.
    made.session.events.register_last("before-call.*.ListServiceDeployments", no_cluster)
    return made


@pytest.fixture
def world(access: Access) -> Iterator[World]:
    """An account with a stack, in which nothing was uploaded yet."""
    with mock_aws(), digests_of_manifests():
        yield World(access)
    unhook_all()
