"""A service with two recorded images."""

from dataclasses import replace

import pytest

from ship.asked import Asked
from ship.place import Place
from tests.unit.ship.support.recorded import FIRST, SECOND
from tests.unit.ship.support.world import STACK, World, record


@pytest.fixture
def asked(world: World) -> Asked:
    """A service of which the second image is recorded, and the first was before."""
    world.access.ecr.create_repository(repositoryName=STACK.repository)
    made = Asked(world.access, replace(STACK, place=Place(profile="prod")))
    for tag in (FIRST, SECOND):
        record(made.access, tag)
    return made
