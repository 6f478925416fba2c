"""What `ship why` answers about an upload whose image ECS doesn't run."""

import json
from dataclasses import replace

import pytest

from core.build_log import Ending, ending_line
from ship.asked import Asked
from ship.terminal import Terminal
from ship.uploads import explaining
from tests.unit.ship.support.ecs import OTHER, RECORDED
from tests.unit.ship.support.world import STACK, Capsys, World

TAGGED = "not-healthy: tasks failed to start. Exit code 3. no database"
FAILED = {"imageUri": RECORDED, "reason": "tasks failed to start.", "exitCode": "3", "lines": ["no database"]}
HEADING = ["hello.zip: not-healthy", "Uploaded 2026-11-20 12:00:00."]
WHY = [
    *HEADING,
    "not-healthy: tasks failed to start. Exit code 3. no database",
    "The last lines of the task:",
    "  no database",
]


@pytest.fixture
def asked(world: World) -> Asked:
    """A question about the last upload, whose image isn't healthy."""
    upload = world.upload()
    world.says(upload, "not-healthy", TAGGED, RECORDED)
    world.builds_it(upload, buildComplete=True)
    return Asked(world.access, STACK)


def why(asked: Asked, capsys: Capsys) -> list[str]:
    """The lines that `ship why` answers."""
    explaining.explain(asked, Terminal(), as_json=False)
    return capsys.readouterr().out.splitlines()


def test_it_has_the_words_of_ecs_and_the_task_s_last_lines(world: World, asked: Asked, capsys: Capsys) -> None:
    world.follows("not-healthy", **FAILED)

    assert why(asked, capsys) == WHY
    assert why(replace(asked, key="hello.zip"), capsys) == [WHY[0], *WHY[2:]]


def test_a_failure_is_explained_after_another_image_was_deployed(world: World, asked: Asked, capsys: Capsys) -> None:
    world.follows("not-healthy", **FAILED | {"lines": ["an earlier attempt"]})
    world.follows("not-healthy", **FAILED)
    world.follows("running", imageUri=OTHER, running=OTHER)

    assert why(asked, capsys) == WHY


@pytest.mark.parametrize("operation", ["GetParameter", "GetParameterHistory"])
def test_what_may_not_be_read_leaves_the_words_of_the_status(
    world: World, asked: Asked, capsys: Capsys, operation: str
) -> None:
    world.follows("running", imageUri=OTHER, running=OTHER)
    world.denies(operation, f"ssm:{operation}")

    assert why(asked, capsys) == [*HEADING, TAGGED]


@pytest.mark.parametrize("value", ["", "[]", "1", "{}", '{"state": null, "lines": 1}', '{"state": "not-healthy"}'])
def test_a_record_that_cannot_be_read_leaves_the_words_of_the_status(
    world: World, asked: Asked, capsys: Capsys, value: str
) -> None:
    world.follows()
    world.access.ssm.put_parameter(Name=f"/{STACK.service}/deployment", Value=value or " ", Overwrite=True)

    assert why(asked, capsys) == [*HEADING, TAGGED]


def test_the_trial_s_end_is_shown_as_well(world: World, asked: Asked, capsys: Capsys) -> None:
    world.log.append(ending_line(Ending("It exited with code 1 after 0.3 s.", ("no network",))))
    world.follows("not-healthy", **FAILED)

    tried = ["The image's program ended when the build tried it. It exited with code 1 after 0.3 s."]
    assert why(asked, capsys) == [*WHY, *tried, "The last lines of the program:", "  no network"]
    explaining.explain(asked, Terminal(), as_json=True)
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ending"], answer["output"]) == ("It exited with code 1 after 0.3 s.", ["no database"])


def test_it_says_by_which_image_another_was_replaced(world: World, asked: Asked, capsys: Capsys) -> None:
    world.says(world.upload("old.zip"), "replaced", "replaced: The service got a newer image.", RECORDED)
    world.follows("running", imageUri=OTHER, running=OTHER)

    said = f"replaced: The service got a newer image. ECS runs {OTHER} now."
    assert why(replace(asked, key="old.zip"), capsys) == ["old.zip: replaced", said]


@pytest.mark.parametrize("status", ["recorded", "running"])
def test_where_nothing_is_wrong_there_is_nothing_to_explain(
    world: World, asked: Asked, capsys: Capsys, status: str
) -> None:
    world.says(world.upload("fine.zip"), status, uri=RECORDED)

    assert why(replace(asked, key="fine.zip"), capsys) == [f"fine.zip: {status}", "There is nothing to explain."]
