"""Which image a rollback goes to, and which one ends it."""

from datetime import UTC, datetime, timedelta

import pytest

from core.images import LATEST
from ship import rollback
from ship.problem import Problem
from ship.records import Naming, Records, records
from tests.ship.support.world import STACK, World

FIRST, SECOND, THIRD, NEVER = (f"build-20261120T12000{number}Z-0A-0000000{number}" for number in range(4))
DIGESTS = {tag: f"sha256:{number}" * 8 for number, tag in enumerate((FIRST, SECOND, THIRD, NEVER))}
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def uri(tag: str) -> str:
    """The URI of the image of a build tag."""
    return f"{STACK.repository_uri}@{DIGESTS[tag]}"


def known(*named: str, by_hand: str = "", gone: tuple[str, ...] = ()) -> Records:
    """What is known when these were recorded, then perhaps one was named by hand, and these have expired."""
    namings = [Naming(uri(tag), NOON, "RecordImage", "", tag) for tag in named]
    if by_hand:
        namings.append(Naming(uri(by_hand), NOON + timedelta(hours=1), "somebody", "Rolled back", None))
    return Records(
        STACK.repository_uri, tuple(namings), {tag: digest for tag, digest in DIGESTS.items() if tag not in gone}
    )


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
    ],
)
def test_a_rollback_goes_to_the_image_before_or_to_the_one_that_is_named(
    found: Records, to: str | None, target: str
) -> None:
    assert rollback.target(found, to) == target


@pytest.mark.parametrize(
    ("found", "to", "words"),
    [
        (known(), None, "Nothing is recorded yet"),
        (known(FIRST), None, "Nothing was recorded before"),
        (known(FIRST, SECOND, by_hand=FIRST), None, "Nothing was recorded before"),
        (known(FIRST, SECOND, gone=(FIRST,)), None, "have expired"),
        (known(FIRST, SECOND, gone=(FIRST,)), FIRST, "isn't in the repository any more"),
        (known(FIRST, SECOND), SECOND, "names .* already"),
        (known(FIRST, SECOND), LATEST, "is no build tag"),
        (known(FIRST, SECOND), "--help", "is no build tag"),
    ],
)
def test_a_rollback_to_nowhere_says_why(found: Records, to: str | None, words: str) -> None:
    with pytest.raises(Problem, match=words):
        rollback.target(found, to)


def test_forward_is_the_newest_that_was_recorded() -> None:
    assert rollback.newest(known(FIRST, SECOND, THIRD, by_hand=FIRST)) == THIRD


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
        rollback.newest(found)


def test_what_record_image_wrote_is_told_from_what_others_wrote(world: World) -> None:
    put = world.access.ssm.put_parameter
    for tag, description in [
        (FIRST, f"{FIRST} request-1"),
        (SECOND, f"{SECOND} request-2"),
        (FIRST, f"{FIRST} request-1"),
    ]:
        put(Name=STACK.parameter, Value=uri(tag), Description=description, Type="String", Overwrite=True)
    world.access.ecr.create_repository(repositoryName=STACK.repository)

    found = records(world.access, STACK)
    assert found.recorded == {FIRST: uri(FIRST), SECOND: uri(SECOND)}
    assert found.current.build_tag is None  # its Description was copied
    assert (found.newest, found.is_rolled_back) == (SECOND, True)


def test_a_pin_comes_before_the_parameter_and_twice_is_no_error(world: World) -> None:
    manifest = '{"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"}'
    world.access.ecr.create_repository(repositoryName=STACK.repository)
    world.access.ecr.put_image(repositoryName=STACK.repository, imageManifest=manifest, imageTag=FIRST)

    for _ in range(2):
        assert rollback.pin(world.access, STACK, FIRST) == f"keep-{FIRST}"

    listed = world.access.ecr.list_images(repositoryName=STACK.repository)["imageIds"]
    assert {each["imageTag"] for each in listed} == {FIRST, f"keep-{FIRST}"}
    assert len({each["imageDigest"] for each in listed}) == 1


def test_what_cannot_be_pinned_is_not_rolled_back_to(world: World) -> None:
    world.access.ecr.create_repository(repositoryName=STACK.repository)

    with pytest.raises(Problem, match="isn't in the repository any more"):
        rollback.pin(world.access, STACK, FIRST)
