"""The templates of the ECS example."""

import pytest

from tests.support.stack import Stack
from tests.template.support.ecs_templates import FOLDER


@pytest.fixture(scope="session")
def running() -> Stack:
    """The service's template."""
    return Stack.from_file(str(FOLDER / "template.yaml"))


@pytest.fixture(scope="session")
def following() -> Stack:
    """What follows the parameter, for the service of that template."""
    names = dict.fromkeys(("ServiceName", "ClusterName", "EcsServiceName", "TaskFamily"), "jwt-pizza-service")
    return Stack.from_file(str(FOLDER / "auto-deploy.yaml")).named(**names)
