"""Which image a rollback goes to, and which one ends it."""

import pytest

from core.recording.next_image import LATEST
from ship.aws.records import Records, records
from ship.images import rollback_targets
from ship.problem import Problem
from tests.unit.ship.support.recorded import FIRST, NEVER, SECOND, THIRD, known
from tests.unit.ship.support.world import STACK, World, name, uri_of


@pytest.mark.parametrize(
    ("found", "to", "target"),
    [
        (known(FIRST, SECOND, THIRD), None, SECOND),
        (known(FIRST, SECOND, THIRD), FIRST, FIRST),
        (known(FIRST, SECOND, THIRD, gone=(SECOND,)), None, FIRST),
        (known(FIRST, SECOND, THIRD, by_hand=SECOND), None, FIRST),  # a second step back
        (known(FIRST, SECOND, THIRD, by_hand=FIRST), THIRD, THIRD),
        (known(FIRST, THIRD), SECOND, SECOND),  # was built, and never recorded
        (known(FIRST), NEVER, NEVER),
        (known(FIRST, SECOND, twice=SECOND), None, FIRST),  # one source, uploaded twice, gave one image
    ],
)
def test_a_rollback_goes_to_the_image_before_or_to_the_one_that_is_named(
    found: Records, to: str | None, target: str
) -> None:
    assert rollback_targets.older(found, to) == target


@pytest.mark.parametrize(
    ("found", "to", "words"),
    [
        (known(), None, "Nothing is recorded yet"),
        (known(FIRST), None, "Nothing was recorded before"),
        (known(FIRST, SECOND, by_hand=FIRST), None, "Nothing was recorded before"),
        (known(FIRST, SECOND, gone=(FIRST,)), None, "have expired"),
        (known(FIRST, SECOND, gone=(FIRST,)), FIRST, "isn't in the repository any more"),
        (known(FIRST, SECOND), SECOND, f"already names {SECOND}"),
        (known(FIRST, SECOND, twice=SECOND), SECOND, f"already names {SECOND}"),
        (known(FIRST, SECOND), LATEST, "isn't a build tag"),
        (known(FIRST, SECOND), "--help", "isn't a build tag"),
    ],
)
def test_a_rollback_to_nowhere_says_why(found: Records, to: str | None, words: str) -> None:
    with pytest.raises(Problem, match=words):
        rollback_targets.older(found, to)


def test_forward_is_the_newest_that_was_recorded() -> None:
    assert rollback_targets.newest(known(FIRST, SECOND, THIRD, by_hand=FIRST)) == THIRD


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (known(), "Nothing is recorded yet"),
        (known(FIRST, SECOND), "Nothing is rolled back"),
        (known(FIRST, SECOND, by_hand=SECOND), "Nothing is rolled back"),
        (known(FIRST, SECOND, by_hand=FIRST, gone=(SECOND,)), "isn't in the repository any more"),
    ],
)
def test_there_is_nothing_to_go_forward_to(found: Records, words: str) -> None:
    with pytest.raises(Problem, match=words):
        rollback_targets.newest(found)


def test_what_record_image_wrote_is_told_from_what_others_wrote(world: World) -> None:
    world.access.ecr.create_repository(repositoryName=STACK.repository)
    for tag in (FIRST, SECOND, FIRST):
        name(world.access, uri_of(tag), f"{tag} request")

    found = records(world.access, STACK)
    assert found.recorded == {FIRST: uri_of(FIRST), SECOND: uri_of(SECOND)}
    assert found.current.build_tag is None  # its Description was copied
    assert (found.newest, found.is_rolled_back) == (SECOND, True)
