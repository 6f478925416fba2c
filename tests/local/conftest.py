"""One running local cloud for all, without an engine; what a test does there, it takes back."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.emulator import Account, local_cloud
from local.pipeline import Pipeline
from tests.local.support.building import Builder
from tests.local.support.inbox import Inbox
from tests.local.support.pipes import Gate, Pulse, gate_in, pulse_in
from tests.local.support.resources import building, deploy

numbers = itertools.count(1)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment variables of an engine that isn't there."""
    folder = tmp_path_factory.mktemp("engine")
    return {"DOCKER_HOST": f"unix://{folder}/none.sock", "DOCKER_CONFIG": str(folder)}


@pytest.fixture(scope="session")
def here(engine: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """The account, started by somebody who has settings of his own."""
    with pytest.MonkeyPatch.context() as caller:
        caller.setenv("OF_THE_CALLER", "1")
        caller.setenv("AWS_PROFILE", "production")
        with local_cloud(engine, tmp_path_factory.mktemp("cloud")) as started:
            caller.undo()
            yield started


@pytest.fixture(scope="session")
def cloud(here: Account) -> Pipeline:
    """The account's services, with three projects in it."""
    empty = Pipeline(here.session(), {}, here.endpoint)
    return Pipeline(here.session(), deploy(empty, "building", building()), here.endpoint)


@pytest.fixture
def builder(cloud: Pipeline, here: Account) -> Iterator[Builder]:
    """Starts builds; what still runs or waits at the end is stopped."""
    builder = Builder(cloud, here)
    yield builder
    builder.leave_nothing()


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """Holds a build up."""
    return gate_in(tmp_path)


@pytest.fixture
def pulse(tmp_path: Path) -> Iterator[Pulse]:
    """Tells whether a build's processes live."""
    with pulse_in(tmp_path) as pulse:
        yield pulse


@pytest.fixture
def unique() -> str:
    """A name that no other test uses."""
    return f"own-{next(numbers)}"


@pytest.fixture
def inbox(cloud: Pipeline, unique: str) -> Iterator[Callable[[dict[str, Any]], Inbox]]:
    """Opens an inbox for the events of a pattern."""
    inbox = Inbox(cloud, unique)

    def opened(pattern: dict[str, Any]) -> Inbox:
        inbox.open(pattern)
        return inbox

    yield opened
    inbox.close()
