"""One engine, one account and one deployment for the suite, which knows the stack by AWS's APIs and its outputs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.docker import base_image
from local.docker.locks import Lock
from local.docker.private_engine import engine
from local.emulator import ROOT, Account, local_cloud
from local.pipeline import Pipeline, Upload, variables, wait_for
from local.sam import deploy
from local.subscriber import Subscriber
from tests.e2e.support.uploader import Uploader
from tests.e2e.support.uploads import SECONDS, good

SETTING_UP_AND_BUILDING = 3600
"""Seconds, in which a slow machine installs the engine and builds one upload after the other: a net for what hangs."""
PARAMETERS = {"ServiceName": "jwt-pizza-service"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Real builds take longer than the other tests may."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(SETTING_UP_AND_BUILDING))


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
    wait_for("The end of earlier uploads", lambda: is_at_rest(pipeline), SECONDS)
    return pipeline.recorded()


def is_at_rest(pipeline: Pipeline) -> bool:
    """Whether no build runs and no image is still to be recorded."""
    builds = pipeline.all_builds()
    built = [variables(build).get("IMAGE_TAG", "") for build in builds if build["buildStatus"] == "SUCCEEDED"]
    recorded = [version.get("Description", "").partition(" ")[0] for version in pipeline.history()]
    return all(build["buildStatus"] != "IN_PROGRESS" for build in builds) and max(built) <= max(
        tag for tag in recorded if tag.startswith("build-")
    )
