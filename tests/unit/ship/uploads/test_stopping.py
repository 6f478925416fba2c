"""Which build `ship cancel` stops."""

import pytest

from ship.asked import Asked
from ship.problem import Problem
from ship.terminal import Terminal
from ship.uploads.stopping import stop
from tests.unit.ship.support.world import STACK, World


def stopped(world: World, key: str | None = None, version: str | None = None) -> list[str]:
    """The builds that are stopped."""
    world.wire.answers("StopBuild", {})
    stop(Asked(world.access, STACK, key, version), Terminal())
    return [each["id"] for each in world.wire.of("StopBuild")]


def test_the_only_one_that_there_is(world: World) -> None:
    world.builds_it(world.upload())

    assert stopped(world) == ["jwt-pizza-service:0"]


def test_that_of_a_key_though_something_newer_has_the_key(world: World) -> None:
    world.builds_it(world.upload("app.zip"))
    world.builds_it(world.upload("other.zip"))
    world.upload("app.zip")

    assert stopped(world, "app.zip") == ["jwt-pizza-service:0"]
    with pytest.raises(Problem, match=r"There are several waiting or running builds: app\.zip, other\.zip"):
        stopped(world)


def test_that_of_a_keys_older_version_if_the_key_is_named_too(world: World) -> None:
    older, newer = world.upload("app.zip"), world.upload("app.zip")
    world.builds_it(older)
    world.builds_it(newer)

    with pytest.raises(Problem, match="--version also needs the key"):
        stopped(world, None, older.version_id)
    assert world.wire.of("StopBuild") == []
    assert stopped(world, "app.zip", older.version_id) == ["jwt-pizza-service:0"]


@pytest.mark.parametrize("key", [None, "app.zip"])
def test_what_has_ended_is_not_stopped(world: World, key: str | None) -> None:
    world.builds_it(world.upload("app.zip"), buildComplete=True, endTime=world.began())

    with pytest.raises(Problem, match=r"There is no waiting or running build"):
        stopped(world, key)
