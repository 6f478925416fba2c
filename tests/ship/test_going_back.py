"""Which image a rollback goes to, which one ends it, and what is done."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from core.images import LATEST
from ship import rollback, targets
from ship.asked import Asked
from ship.problem import Problem
from ship.records import Naming, Records, records
from ship.terminal import Terminal
from tests.ship.support.world import STACK, World
from tests.support.wire import Wire

FIRST, SECOND, THIRD, NEVER = (f"build-20261120T11590{number}Z-0A-0000000{number}" for number in range(4))
KIND = "application/vnd.docker.distribution.manifest.v2+json"
MANIFEST = f'{{"schemaVersion": 2, "mediaType": "{KIND}", "annotations": {{"x": "%d"}}}}'
DIGESTS = {tag: f"sha256:{number}" * 8 for number, tag in enumerate((FIRST, SECOND, THIRD, NEVER))}
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def uri(tag: str) -> str:
    """The URI of the image of a build tag."""
    return f"{STACK.repository_uri}@{DIGESTS[tag]}"


def known(*named: str, by_hand: str = "", twice: str = "", gone: tuple[str, ...] = ()) -> Records:
    """What is known when these were recorded, perhaps one again under the last tag, then one named by hand."""
    namings = [Naming(uri(tag), NOON, "RecordImage", "", tag) for tag in named]
    if twice:
        namings.append(Naming(uri(twice), NOON, "RecordImage", "", NEVER))
    if by_hand:
        namings.append(Naming(uri(by_hand), NOON + timedelta(hours=1), "somebody", "Rolled back", None))
    tagged = {tag: digest for tag, digest in DIGESTS.items() if tag not in gone}
    return Records(STACK.repository_uri, tuple(namings), tagged | ({NEVER: DIGESTS[twice]} if twice else {}))


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
    assert targets.older(found, to) == target


@pytest.mark.parametrize(
    ("found", "to", "words"),
    [
        (known(), None, "Nothing is recorded yet"),
        (known(FIRST), None, "Nothing was recorded before"),
        (known(FIRST, SECOND, by_hand=FIRST), None, "Nothing was recorded before"),
        (known(FIRST, SECOND, gone=(FIRST,)), None, "have expired"),
        (known(FIRST, SECOND, gone=(FIRST,)), FIRST, "isn't in the repository any more"),
        (known(FIRST, SECOND), SECOND, "names .* already"),
        (known(FIRST, SECOND, twice=SECOND), SECOND, "names .* already"),
        (known(FIRST, SECOND), LATEST, "is no build tag"),
        (known(FIRST, SECOND), "--help", "is no build tag"),
    ],
)
def test_a_rollback_to_nowhere_says_why(found: Records, to: str | None, words: str) -> None:
    with pytest.raises(Problem, match=words):
        targets.older(found, to)


def test_forward_is_the_newest_that_was_recorded() -> None:
    assert targets.newest(known(FIRST, SECOND, THIRD, by_hand=FIRST)) == THIRD


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
        targets.newest(found)


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


# What is done


@pytest.fixture
def asked(world: World) -> Asked:
    """A service of which the second image is recorded, and the first was before."""
    world.access.ecr.create_repository(repositoryName=STACK.repository)
    for number, tag in enumerate((FIRST, SECOND)):
        digest = world.access.ecr.put_image(
            repositoryName=STACK.repository, imageManifest=MANIFEST % number, imageTag=tag
        )["image"]["imageId"]["imageDigest"]
        world.access.ssm.put_parameter(
            Name=STACK.parameter,
            Value=f"{STACK.repository_uri}@{digest}",
            Description=f"{tag} request-{number}",
            Type="String",
            Overwrite=True,
        )
    return Asked(world.access, STACK)


@pytest.fixture
def terminal(output: io.StringIO) -> Terminal:
    """What the caller sees."""
    return Terminal(console=Console(file=output, soft_wrap=True))


@pytest.fixture
def output() -> io.StringIO:
    """What is written to stderr."""
    return io.StringIO()


def tags(asked: Asked) -> dict[str, str]:
    """The repository's tags now."""
    return records(asked.access, STACK).tagged


def test_a_rollback_pins_its_target_then_names_it_and_says_until_when_it_holds(
    asked: Asked, terminal: Terminal, output: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    wire = Wire((asked.access.ecr, asked.access.ssm))
    rollback.roll_back(asked, None, terminal, as_json=False)

    digest = tags(asked)[FIRST]
    assert tags(asked)[f"keep-{FIRST}"] == digest
    assert [each for each in wire.operations if each.startswith("Put")] == ["PutImage", "PutParameter"]
    assert capsys.readouterr().out == f"{STACK.repository_uri}@{digest}\n"
    assert f"newer than {SECOND}" in output.getvalue()


def test_there_and_back_again_and_there_again(
    asked: Asked, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    rollback.roll_back(asked, None, terminal, as_json=True)
    rollback.go_forward(asked, terminal, as_json=True)
    wire = Wire((asked.access.ecr,))
    wire.fails("PutImage", "ImageTagAlreadyExistsException", 400)  # as ECR may say of a pin that is there
    rollback.roll_back(asked, None, terminal, as_json=True)

    said = [json.loads(line)["imageTag"] for line in capsys.readouterr().out.splitlines()]
    assert said == [FIRST, SECOND, FIRST]


def test_what_cannot_be_pinned_is_not_rolled_back_to(asked: Asked, terminal: Terminal) -> None:
    before = records(asked.access, STACK).current
    asked.access.ecr.batch_delete_image(repositoryName=STACK.repository, imageIds=[{"imageTag": FIRST}])

    with pytest.raises(Problem, match="have expired"):
        rollback.roll_back(asked, None, terminal, as_json=False)
    assert records(asked.access, STACK).current == before


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "Whatever"])
def test_that_builds_cannot_be_seen_takes_nothing_from_a_rollback_that_is_done(  # noqa: PLR0917  # fixtures
    world: World, asked: Asked, terminal: Terminal, output: io.StringIO, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    world.refuses("ListBuildsForProject", code)

    rollback.roll_back(asked, None, terminal, as_json=False)
    assert capsys.readouterr().out.startswith(STACK.repository_uri)
    assert "Whether something newer is being built can't be seen." in output.getvalue()


def test_what_is_being_built_is_named_as_a_command_can_name_it(
    world: World, asked: Asked, terminal: Terminal, output: io.StringIO
) -> None:
    world.builds_it(world.upload("my app.zip"))

    rollback.roll_back(asked, None, terminal, as_json=False)
    assert "my app.zip is being built" in output.getvalue()
    assert "ship cancel 'my app.zip'" in output.getvalue()
