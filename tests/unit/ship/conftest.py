"""An account of its own for each test."""

from collections.abc import Iterator
from functools import cache

import pytest
from botocore.loaders import create_loader
from moto import mock_aws

from ship.aws.access import Access
from tests.support.digests import digests_of_manifests
from tests.support.hooks import unhook_all
from tests.unit.ship.support.world import World


@pytest.fixture(scope="session", autouse=True)
def models() -> Iterator[None]:
    """Each test has clients of its own; the services' models are read once for all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", cache(create_loader))
        yield


@pytest.fixture
def world() -> Iterator[World]:
    """An account with a stack, in which nothing was uploaded yet."""
    with mock_aws(), digests_of_manifests():
        yield World(Access(region="us-east-1"))
    unhook_all()
