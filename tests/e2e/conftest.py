"""One engine, one account and one deployment for the suite, which knows the stack by AWS's APIs and its outputs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.docker import base_image
from local.docker.locks import Lock
from local.docker.private_engine import engine
from local.emulator import ROOT, Account, local_cloud
from local.pipeline import Pipeline, Upload
from local.sam import deploy
from local.sources.samples import good
from local.subscriber import Subscriber
from tests.e2e.support import permissions
from tests.e2e.support.operators import wait_until_at_rest
from tests.e2e.support.uploader import Uploader
from tests.e2e.support.waiting import SECONDS

MOST_SECONDS = 1500
"""For a test with the fixtures that it sets up and tears down: a net for what hangs, wider than every wait in it."""
PARAMETERS = {"ServiceName": "jwt-pizza-service"}


LONGEST_FIRST = [
    *("test_auto_deploy.py", "test_ecs.py", "test_fargate.py", "test_verifying.py", "test_doctor.py"),
    *("test_private_service.py", "test_ship.py", "test_ship_policies.py", "test_caching.py", "test_playground.py"),
    *("test_missing_rights.py", "test_uninstalling.py", "test_failures.py", "test_demo.py", "test_keys.py"),
    *("test_broken_assumptions.py", "test_updating.py", "test_operations.py", "test_readme.py"),
    "test_private_things.py",
]
"""The files that take minutes. They begin first, so that the processes end together."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Real builds take longer than the other tests may."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(MOST_SECONDS))
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Gathers which permissions all processes used. `make e2e` then compares them with what is granted."""
    if not hasattr(session.config, "workerinput"):
        permissions.collect(session.config._tmp_path_factory.getbasetemp())  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def docker() -> Iterator[dict[str, str]]:
    """The environment variables of an engine that builds for arm64 and has the base image."""
    with engine() as environment:
        base_image.provide(environment)
        yield environment


@pytest.fixture(scope="session")
def here(docker: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """The account."""
    with local_cloud(docker, tmp_path_factory.mktemp("cloud")) as started:
        yield started


@pytest.fixture(scope="session")
def pipeline(here: Account) -> Pipeline:
    """The deployed stack."""
    return Pipeline(here.session(), deploy(here, PARAMETERS), here.endpoint)


@pytest.fixture
def project_folder() -> Iterator[Path]:
    """The project's own folder, for commands that write into it, while no other process of the suite uses it so."""
    with Lock(ROOT / ".aws-sam" / "suite.lock").held():
        yield ROOT


@pytest.fixture(scope="session")
def subscriber(pipeline: Pipeline) -> Subscriber:
    """The subscriber to all that the stack publishes."""
    return Subscriber.at(pipeline)


@pytest.fixture(scope="session")
def uploader(here: Account, pipeline: Pipeline) -> Uploader:
    """Somebody who may upload, and nothing else."""
    return Uploader.of(here, pipeline)


@pytest.fixture(scope="session")
def first(pipeline: Pipeline) -> Upload:
    """An upload that was recorded."""
    upload = pipeline.upload("first.zip", good("first"))
    pipeline.wait_until_recorded(upload, SECONDS)
    return upload


@pytest.fixture
def recorded_before(pipeline: Pipeline, first: Upload) -> str:
    """What the parameter names, after everything that other tests uploaded has ended."""
    assert first
    wait_until_at_rest(pipeline)
    return pipeline.recorded()
