"""Which image a rollback goes to, which one ends it, and what is done."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.recording.next_image import LATEST
from ship.asked import Asked
from ship.aws import ecs
from ship.aws.records import Naming, Records, records
from ship.images import listing, rollback_targets, rolling_back
from ship.place import Place
from ship.problem import Problem
from ship.terminal import Terminal
from tests.support.wire import Wire
from tests.unit.ship.support.world import NOON, STACK, Capsys, World, denial, name, record, uri_of

FIRST, SECOND, THIRD, NEVER = (f"build-20261120T11590{number}Z-0A-0000000{number}" for number in range(4))
DIGESTS = {tag: uri_of(tag).partition("@")[2] for tag in (FIRST, SECOND, THIRD, NEVER)}


def known(*named: str, by_hand: str = "", twice: str = "", gone: tuple[str, ...] = ()) -> Records:
    """What is known when these were recorded, perhaps one again under the last tag, then one named by hand."""
    namings = [Naming(uri_of(tag), NOON, "RecordImage", "", tag, number) for number, tag in enumerate(named, 1)]
    if twice:
        namings.append(Naming(uri_of(twice), NOON, "RecordImage", "", NEVER, 8))
    if by_hand:
        namings.append(Naming(uri_of(by_hand), NOON + timedelta(hours=1), "somebody", "Rolled back", None, 9))
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


# What is done


@pytest.fixture
def asked(world: World) -> Asked:
    """A service of which the second image is recorded, and the first was before."""
    world.access.ecr.create_repository(repositoryName=STACK.repository)
    made = Asked(world.access, replace(STACK, place=Place(profile="prod")))
    for tag in (FIRST, SECOND):
        record(made.access, tag)
    return made


def deployed(asked: Asked, *deployments: tuple[str, str], failure: str = "") -> Wire:
    """Has ECS answer with these deployments of images, the oldest first, each a digest and a status; or not at all."""
    wire = Wire((asked.access.ecs,))
    wire.heals("ListServiceDeployments")
    if failure:
        wire.fails("ListServiceDeployments", failure, 400, denial("ecs:ListServiceDeployments"))
        return wire
    listed = [
        {"targetServiceRevisionArn": digest, "status": status, "createdAt": NOON + timedelta(hours=number)}
        for number, (digest, status) in enumerate(deployments)
    ]
    revisions = [
        {"serviceRevisionArn": digest, "containerImages": [{"image": "sidecar"}, {"imageDigest": digest}]}
        for digest in {digest for digest, _ in deployments}
    ]
    wire.answers("ListServiceDeployments", {"serviceDeployments": listed[::-1]})
    wire.answers("DescribeServiceRevisions", {"serviceRevisions": revisions})
    return wire


def back(asked: Asked, to: str | None = None) -> None:
    """`ship rollback`."""
    rolling_back.roll_back(asked, to, Terminal(), as_json=False)


def tags(asked: Asked) -> dict[str, str]:
    """The repository's tags now."""
    return records(asked.access, STACK).tagged


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


# What ECS gave up


@pytest.mark.parametrize("given_up", [{SECOND}, {SECOND, NEVER}])
def test_a_rollback_leaves_out_what_ecs_gave_up(given_up: set[str]) -> None:
    found, digests = known(FIRST, SECOND, THIRD), {DIGESTS[tag] for tag in given_up}

    assert rollback_targets.older(found, None, digests) == FIRST
    assert rollback_targets.older(found, SECOND, digests) == SECOND  # asked for
    with pytest.raises(Problem, match="ECS gave up every earlier image"):
        rollback_targets.older(found, None, digests | {DIGESTS[FIRST]})


@pytest.mark.parametrize(
    ("statuses", "is_given_up"),
    [
        (["ROLLBACK_SUCCESSFUL"], True),
        (["ROLLBACK_FAILED"], True),
        (["ROLLBACK_IN_PROGRESS"], True),
        (["SUCCESSFUL"], False),
        (["SUCCESSFUL", "ROLLBACK_SUCCESSFUL"], True),
        (["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"], False),  # what failed was something else
        ([], False),
    ],
)
def test_an_image_is_given_up_whose_newest_deployment_was_rolled_back(
    asked: Asked, statuses: list[str], is_given_up: bool
) -> None:
    digest = tags(asked)[FIRST]
    wire = deployed(asked, *((digest, status) for status in statuses))

    assert ecs.given_up(asked.access, STACK) == ({digest} if is_given_up else set())
    (listing,) = wire.of("ListServiceDeployments")
    assert (listing["cluster"], listing["service"]) == (STACK.service, STACK.service)


@pytest.mark.parametrize("code", ["ClusterNotFoundException", "ServiceNotFoundException"])
def test_without_a_service_of_ecs_nothing_was_given_up(asked: Asked, code: str) -> None:
    deployed(asked, failure=code)

    assert ecs.given_up(asked.access, STACK) == set()


def test_revisions_are_asked_for_twenty_at_a_time(asked: Asked) -> None:
    wire = deployed(asked, *((f"sha256:{number}", "SUCCESSFUL") for number in range(45)))

    ecs.given_up(asked.access, STACK)
    assert [len(each["serviceRevisionArns"]) for each in wire.of("DescribeServiceRevisions")] == [20, 20, 5]


def test_history_marks_what_ecs_gave_up(asked: Asked, capsys: Capsys) -> None:
    deployed(asked, (tags(asked)[FIRST], "SUCCESSFUL"), (tags(asked)[SECOND], "ROLLBACK_SUCCESSFUL"))

    listing.show(asked, Terminal(), 20, as_json=False)
    (marked,) = [line for line in capsys.readouterr().out.splitlines() if line.endswith("given up by ECS")]
    assert SECOND in marked
    listing.show(asked, Terminal(), 20, as_json=True)
    assert [each["isGivenUp"] for each in json.loads(capsys.readouterr().out)] == [True, False]


def test_that_deployments_cannot_be_seen_is_said_and_stops_nothing(asked: Asked, capsys: Capsys) -> None:
    deployed(asked, failure="AccessDeniedException")

    listing.show(asked, Terminal(), 20, as_json=True)
    out, said = capsys.readouterr()
    assert [each["isGivenUp"] for each in json.loads(out)] == [None, None]
    back(asked)
    for warning in (said, capsys.readouterr().err):
        assert "Couldn't check whether ECS gave up one of the images." in warning
        assert "ecs:ListServiceDeployments" in warning


def test_a_rollback_to_what_ecs_gave_up_is_warned_of(asked: Asked, capsys: Capsys) -> None:
    deployed(asked, (tags(asked)[FIRST], "ROLLBACK_SUCCESSFUL"))

    with pytest.raises(Problem, match="ECS gave up every earlier image"):
        back(asked)
    back(asked, FIRST)
    assert f"Warning: ECS rolled back the newest deployment of {FIRST}." in capsys.readouterr().err
