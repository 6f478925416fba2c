"""An account of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from ship.aws.access import Access
from tests.support.digests import digests_of_manifests
from tests.support.hooks import unhook_all
from tests.support.trees import write
from tests.unit.ship.support.story import Story
from tests.unit.ship.support.uploader import Uploader
from tests.unit.ship.support.world import Capsys, World, no_cluster


@pytest.fixture(scope="session")
def access() -> Access:
    """The caller's access. Its clients stay for all tests, since making them takes time; the tests' hooks don't."""
    made = Access(region="us-east-1")
    # As where no service of ECS is: registered for all clients that will be, as few tests need one.
    for operation in ("DescribeServices", "ListServiceDeployments"):
        made.session.events.register_last(f"before-call.*.{operation}", no_cluster)
    return made


@pytest.fixture
def world(access: Access) -> Iterator[World]:
    """An account with a stack, in which nothing was uploaded yet."""
    with mock_aws(), digests_of_manifests():
        yield World(access)
    unhook_all()


@pytest.fixture
def story(world: World) -> Story:
    """An upload of which nothing is known yet."""
    return Story(world)


@pytest.fixture
def uploader(world: World, tmp_path: Path, capsys: Capsys) -> Uploader:
    """Somebody with a folder `app` that has a Dockerfile."""
    return Uploader(world, write(tmp_path / "app", {"Dockerfile": "FROM scratch\n"}), capsys)
