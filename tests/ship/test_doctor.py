"""What the doctor finds, and what to do about it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from core.images import LATEST
from ship.asked import Asked
from ship.doctor import OK, PROBLEM, UNSEEN, WARNING, examine
from ship.problem import Problem
from ship.stack import Stack
from ship.terminal import Terminal
from tests.ship.support.world import STACK, World, denial
from tests.support.wire import Wire

TAG = "build-20261120T120000Z-0A-00000000"
MANIFEST = '{"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"}'
QUEUES = {"uploads": STACK.upload_queue, "given-up": STACK.upload_dead_letters, "failed": STACK.trigger_dead_letters}


@pytest.fixture
def wire(world: World) -> Wire:
    """Service Quotas with one build at once, and queues and a repository with nothing in them."""
    for name in QUEUES:
        world.access.sqs.create_queue(QueueName=name)
    world.access.ecr.create_repository(repositoryName=STACK.repository)
    made = Wire((world.access.quotas, world.access.sqs, world.access.ssm, world.access.ecr))
    made.answers("ListServiceQuotas", quota(20))
    return made


def quota(most: float, size: str = "Small") -> dict[str, Any]:
    """What Service Quotas says of builds at once."""
    return {"Quotas": [{"QuotaName": f"Concurrently running builds for ARM/{size} environment", "Value": most}]}


def record(world: World, *tags: str) -> str:
    """Has the parameter name an image that has these tags beside its own, and gives its URI."""
    for tag in (TAG, *tags):
        answer = world.access.ecr.put_image(repositoryName=STACK.repository, imageManifest=MANIFEST, imageTag=tag)
    uri = f"{STACK.repository_uri}@{answer['image']['imageId']['imageDigest']}"
    name(world, uri, f"{TAG} request")
    return uri


def name(world: World, uri: str, description: str) -> None:
    """Has the parameter name something."""
    world.access.ssm.put_parameter(
        Name=STACK.parameter, Value=uri, Description=description, Type="String", Overwrite=True
    )


def found(world: World, capsys: pytest.CaptureFixture[str], stack: Stack = STACK) -> tuple[int, list[tuple[str, str]]]:
    """The exit code, and the findings that aren't all right."""
    code = examine(Asked(world.access, stack), Terminal(), as_json=True)
    findings = json.loads(capsys.readouterr().out)
    assert all(each["toDo"] for each in findings if each["level"] == PROBLEM)
    return code, [(each["level"], each["what"]) for each in findings if each["level"] != OK]


@pytest.mark.usefixtures("wire")
def test_where_all_is_well_there_is_nothing_to_do(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    record(world, LATEST)

    assert found(world, capsys) == (0, [])


@pytest.mark.usefixtures("wire")
def test_before_the_first_upload_it_says_to_upload(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert found(world, capsys) == (0, [(WARNING, f"{STACK.parameter} doesn't exist yet.")])


@pytest.mark.parametrize(("most", "level", "code"), [(0, PROBLEM, 1), (1, WARNING, 0)])
def test_a_quota_that_is_too_small(  # noqa: PLR0917  # three fixtures, three parameters
    world: World, wire: Wire, capsys: pytest.CaptureFixture[str], most: int, level: str, code: int
) -> None:
    record(world, LATEST)
    wire.heals("ListServiceQuotas")
    wire.answers("ListServiceQuotas", quota(most))

    assert found(world, capsys) == (code, [(level, f"Builds on ARM/Small at once: {most}.")])


@pytest.mark.usefixtures("wire")
@pytest.mark.parametrize(
    ("queue", "what"),
    [("given-up", "Uploads that were given up: 1."), ("failed", "Recordings that failed five times: 1.")],
)
def test_dead_letters(world: World, capsys: pytest.CaptureFixture[str], queue: str, what: str) -> None:
    record(world, LATEST)
    world.access.sqs.send_message(QueueUrl=QUEUES[queue], MessageBody="x")

    assert found(world, capsys) == (1, [(PROBLEM, what)])


@pytest.mark.usefixtures("wire")
@pytest.mark.parametrize(
    ("status", "level", "code"),
    [
        ("UPDATE_IN_PROGRESS", WARNING, 0),
        ("UPDATE_ROLLBACK_COMPLETE", WARNING, 0),
        ("UPDATE_ROLLBACK_FAILED", PROBLEM, 1),
        ("DELETE_FAILED", PROBLEM, 1),
    ],
)
def test_a_stack_that_is_not_whole(
    world: World, capsys: pytest.CaptureFixture[str], status: str, level: str, code: int
) -> None:
    record(world, LATEST)

    assert found(world, capsys, replace(STACK, status=status)) == (
        code,
        [(level, f"The stack source-to-ecr of jwt-pizza-service is {status}.")],
    )


@pytest.mark.usefixtures("wire")
def test_an_image_that_nothing_protects(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    record(world)

    assert found(world, capsys) == (0, [(WARNING, "Its image has no protection yet.")])


@pytest.mark.usefixtures("wire")
def test_an_image_that_is_gone(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    record(world, LATEST)
    name(world, f"{STACK.repository_uri}@sha256:{'0' * 64}", f"{TAG}0 request")

    assert (PROBLEM, "Its image isn't in the repository.") in found(world, capsys)[1]


@pytest.mark.usefixtures("wire")
def test_a_parameter_that_names_something_else(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    name(world, "nginx:latest", "by hand")

    assert (PROBLEM, f"{STACK.parameter} names nginx:latest, no image of this stack.") in found(world, capsys)[1]


@pytest.mark.usefixtures("wire")
def test_tags_that_only_look_like_a_builds(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    record(world, LATEST, "build-of-mine")

    assert found(world, capsys) == (
        0,
        [(WARNING, "Tags that look like a build's, and aren't recorded: build-of-mine.")],
    )


@pytest.mark.usefixtures("wire")
@pytest.mark.parametrize(
    ("status", "reason", "what"),
    [
        ("failed", "build-failed: x", "The last upload that was built, hello.zip, failed."),
        ("accepted", "waiting: No room.", "The last upload that was built, hello.zip, waits: No room."),
    ],
)
def test_the_last_upload(world: World, capsys: pytest.CaptureFixture[str], status: str, reason: str, what: str) -> None:
    record(world, LATEST)
    upload = world.upload()
    world.builds_it(upload)
    world.says(upload, status, reason)

    assert found(world, capsys) == (0, [(WARNING, what)])


def test_what_may_not_be_seen_names_the_right_and_is_no_problem(
    world: World, wire: Wire, capsys: pytest.CaptureFixture[str]
) -> None:
    world.denies("ListBuildsForProject", "codebuild:ListBuildsForProject")
    for action in ("servicequotas:ListServiceQuotas", "sqs:GetQueueAttributes", "ssm:GetParameterHistory"):
        operation = action.partition(":")[2]
        wire.heals(operation)
        wire.fails(operation, "AccessDeniedException", 400, denial(action))

    code, findings = found(world, capsys)
    assert code == 0
    assert [level for level, _ in findings] == [UNSEEN] * 4
    assert [what.partition("takes ")[2] for _, what in findings] == [
        "servicequotas:ListServiceQuotas.",
        "sqs:GetQueueAttributes.",
        "ssm:GetParameterHistory.",
        "codebuild:ListBuildsForProject.",
    ]


def test_with_the_bucket_alone_there_is_nothing_to_look_at(world: World) -> None:
    with pytest.raises(Problem, match="more than the bucket"):
        examine(Asked(world.access, Stack(STACK.bucket)), Terminal(), as_json=False)
