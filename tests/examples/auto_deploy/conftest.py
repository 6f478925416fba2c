"""The function, and a service whose new image exits."""

from types import ModuleType

import pytest

from tests.examples.support.cloud import Cloud, work
from tests.examples.support.ecs import CONTAINER
from tests.examples.support.facts import NEW, OLD
from tests.examples.support.loading import loaded

LOGGED = {
    "logDriver": "awslogs",
    "options": {"awslogs-group": "/a/group", "awslogs-stream-prefix": "service"},
}
DEFINITION = {
    "family": "app",
    "containerDefinitions": [{"name": CONTAINER, "image": OLD, "logConfiguration": LOGGED}],
}


@pytest.fixture
def follow(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The function's modules."""
    return loaded(monkeypatch, "follow", "auto_deploy")


@pytest.fixture
def cloud() -> Cloud:
    """A service that runs the old image, and deploys the new one, which exits."""
    cloud = Cloud()
    cloud.ecs.create(DEFINITION)
    work(cloud, 3)
    cloud.clock.passes(minutes=1)
    cloud.ecs.health[NEW] = ("Essential container in task exited", 3)
    cloud.record(NEW)
    return cloud
