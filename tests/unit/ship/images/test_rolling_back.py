"""What a rollback does."""

import json
from collections.abc import Callable

import pytest

from ship.asked import Asked
from ship.aws.records import Records, records
from ship.images import rollback_targets, rolling_back
from ship.problem import Problem
from ship.terminal import Terminal
from tests.support.wire import Wire
from tests.unit.ship.support.recorded import FIRST, NEVER, SECOND, THIRD, back, tags
from tests.unit.ship.support.world import STACK, Capsys, World, name, record, uri_of


def test_a_rollback_pins_its_target_then_names_it_and_says_until_when_it_holds(asked: Asked, capsys: Capsys) -> None:
    wire = Wire((asked.access.ecr, asked.access.ssm))
    back(asked)

    digest = tags(asked)[FIRST]
    assert tags(asked)[f"keep-{FIRST}"] == digest
    assert [each for each in wire.operations if each.startswith("Put")] == ["PutImage", "PutParameter"]
    out, err = capsys.readouterr()
    assert out == f"{STACK.repository_uri}@{digest}\n"
    assert f"newer than {SECOND}" in err


def test_there_and_back_again_and_there_again(asked: Asked, capsys: Capsys) -> None:
    rolling_back.roll_back(asked, None, Terminal(), as_json=True)
    rolling_back.go_forward(asked, Terminal(), as_json=True)
    wire = Wire((asked.access.ecr,))
    wire.fails("PutImage", "ImageTagAlreadyExistsException", 400)  # as ECR may say of a pin that is there
    rolling_back.roll_back(asked, None, Terminal(), as_json=True)

    out, err = capsys.readouterr()
    assert [json.loads(line)["imageTag"] for line in out.splitlines()] == [FIRST, SECOND, FIRST]
    assert "Meanwhile" not in err
    assert "Warning" not in err


def test_what_cannot_be_pinned_is_not_rolled_back_to(asked: Asked) -> None:
    before = records(asked.access, STACK).current
    asked.access.ecr.batch_delete_image(repositoryName=STACK.repository, imageIds=[{"imageTag": FIRST}])

    with pytest.raises(Problem, match="have expired"):
        back(asked)
    assert records(asked.access, STACK).current == before


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "Whatever"])
def test_that_builds_cannot_be_seen_takes_nothing_from_a_rollback_that_is_done(
    world: World, asked: Asked, capsys: Capsys, code: str
) -> None:
    world.refuses("ListBuildsForProject", code)
    back(asked)

    out, err = capsys.readouterr()
    assert out.startswith(STACK.repository_uri)
    assert "Couldn't check whether something newer is being built." in err


def test_what_is_being_built_is_named_as_a_command_can_name_it(world: World, asked: Asked, capsys: Capsys) -> None:
    world.builds_it(world.upload("my app.zip"))
    back(asked)

    said = capsys.readouterr().err
    assert "my app.zip is being built" in said
    assert "ship cancel 'my app.zip' --profile prod" in said


# What others do meanwhile


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (lambda asked: record(asked.access, THIRD), f"Meanwhile {THIRD} was recorded."),
        (lambda asked: name(asked.access, uri_of(NEVER), "by hand"), f"wrote {uri_of(NEVER)}."),
    ],
    ids=["a recording", "somebody"],
)
def test_a_rollback_says_what_it_overwrites(
    asked: Asked, capsys: Capsys, happens: Callable[[Asked], object], words: str
) -> None:
    Wire((asked.access.ecr,)).before("BatchGetImage", lambda: happens(asked))  # while it pins
    back(asked)

    assert records(asked.access, STACK).current_tag == FIRST
    said = capsys.readouterr().err
    assert "Warning: Meanwhile " in said
    assert f"{words} Your change overwrote that." in said


def test_forward_goes_on_to_what_is_recorded_meanwhile(
    asked: Asked, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    back(asked)
    capsys.readouterr()
    original = rollback_targets.newest

    def slowly(found: Records) -> str:
        tag = original(found)
        if tag == SECOND:
            record(asked.access, THIRD)
        return tag

    monkeypatch.setattr(rollback_targets, "newest", slowly)
    rolling_back.go_forward(asked, Terminal(), as_json=True)

    assert records(asked.access, STACK).current_tag == THIRD
    out, err = capsys.readouterr()
    assert json.loads(out)["imageTag"] == THIRD
    assert f"Meanwhile {THIRD} was recorded." in err
