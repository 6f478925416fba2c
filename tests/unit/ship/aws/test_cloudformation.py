"""Which stack is meant."""

from typing import Any

import pytest

from ship.aws.cloudformation import DESCRIPTION, Stack, find
from ship.problem import Problem
from tests.support.wire import Wire
from tests.unit.ship.support.world import ACCOUNT, SERVICE, STACK, World

OUTPUTS = {
    "SourceBucketName": STACK.bucket,
    "RepositoryUri": STACK.repository_uri,
    "ParameterName": STACK.parameter,
    "ProjectName": SERVICE,
    "UploadQueueUrl": STACK.upload_queue,
    "UploadDeadLettersUrl": STACK.upload_dead_letters,
    "TriggerDeadLettersUrl": STACK.trigger_dead_letters,
}
PARAMETERS = {"DockerfilePath": "docker/Dockerfile", "MaxSourceMiB": "7", "BuildComputeType": "BUILD_GENERAL1_LARGE"}


def described(name: str, outputs: dict[str, str], parameters: dict[str, str] | None = None) -> dict[str, Any]:
    """A stack in the shape of DescribeStacks."""
    return {
        "StackName": name,
        "StackId": f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/{name}/1",
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in (parameters or {}).items()],
    }


def partial(name: str, state: str, service: str) -> dict[str, Any]:
    """A stack of ours in this state, without outputs, in the shape of DescribeStacks."""
    description = f"{DESCRIPTION} Upload a source zip, …"
    return described(name, {}, {"ServiceName": service}) | {"StackStatus": state, "Description": description}


OURS, OTHER = described("source-to-ecr", OUTPUTS), described("website", {"Url": "https://example.com"})
SECOND = described("second", OUTPUTS | {"ProjectName": "second-service"})
DELETED = described("old", OUTPUTS) | {"StackStatus": "DELETE_FAILED"}
FAILED = OTHER | {"StackStatus": "ROLLBACK_COMPLETE", "Outputs": []}
THEIRS = partial("t", "ROLLBACK_COMPLETE", "theirs")


@pytest.fixture
def wire(world: World) -> Wire:
    """CloudFormation."""
    world.wire.heals("DescribeStacks")
    return Wire((world.access.cloudformation,))


@pytest.mark.parametrize(
    ("stacks", "service", "name", "found"),
    [
        ([OTHER, OURS], None, None, "source-to-ecr"),
        ([OURS, SECOND], "second-service", None, "second"),
        ([SECOND], None, "second", "second"),
        ([DELETED, OURS], None, None, "source-to-ecr"),
        ([DELETED, OURS], SERVICE, None, "source-to-ecr"),
    ],
    ids=["the only one", "of several", "by its name", "beside a deleted one", "beside its predecessor"],
)
def test_a_stack_is_found_by_its_outputs(  # noqa: PLR0917  # two fixtures, four parameters
    world: World, wire: Wire, stacks: list[dict[str, Any]], service: str | None, name: str | None, found: str
) -> None:
    wire.answers("DescribeStacks", {"Stacks": stacks})

    assert find(world.access, service, name).name == found
    assert wire.of("DescribeStacks") == [{"StackName": name} if name else {}]


@pytest.mark.parametrize(("mirror", "has_mirror"), [("https://mirror.gcr.io", True), ("", False)])
def test_what_its_outputs_and_parameters_say_is_known(world: World, wire: Wire, mirror: str, has_mirror: bool) -> None:
    parameters = PARAMETERS | {"DockerHubMirror": mirror}
    wire.answers("DescribeStacks", {"Stacks": [described("source-to-ecr", OUTPUTS, parameters)]})

    found = find(world.access, None, None)
    assert (found.account, found.bucket, found.repository) == (ACCOUNT, STACK.bucket, SERVICE)
    assert (found.dockerfile, found.largest_mib, found.compute_type) == ("docker/Dockerfile", 7, "BUILD_GENERAL1_LARGE")
    assert found.has_mirror is has_mirror


def test_who_may_not_list_all_finds_the_one_of_the_usual_name(world: World, wire: Wire) -> None:
    refusal = {"Error": {"Code": "AccessDenied", "Message": "No."}}
    wire.answers_one_by_one("DescribeStacks", iter([refusal, {"Stacks": [OURS]}]))

    assert find(world.access, None, None).name == "source-to-ecr"
    assert wire.of("DescribeStacks") == [{}, {"StackName": "source-to-ecr"}]


def test_a_bucket_is_taken_as_it_is(world: World, wire: Wire) -> None:
    found = find(world.access, None, None, "a-bucket")

    assert found == Stack("a-bucket")
    assert not found.is_known
    assert wire.requests == []


@pytest.mark.parametrize(
    ("stacks", "service", "name", "words"),
    [
        ([], None, None, f"There is no stack of Source to ECR in account {ACCOUNT}, region us-east-1."),
        ([OTHER], None, None, "There is no stack of Source to ECR"),
        ([OURS], "other", None, r"There is no stack of the service other .* There is: jwt-pizza-service\."),
        ([OURS, SECOND], None, None, "several services: jwt-pizza-service, second-service"),
        ([DELETED, OTHER], None, None, "The stack old is in the state DELETE_FAILED"),
        ([THEIRS], SERVICE, None, f"There is no stack of the service {SERVICE}"),
        ([FAILED], None, None, "There is no stack of Source to ECR"),
        ([OTHER], None, "website", r"The stack website \(CREATE_COMPLETE\) lacks the outputs ParameterName, "),
    ],
    ids=["none", "none of ours", "none of it", "several", "deleted", "another's", "somebody else's", "no outputs"],
)
def test_where_there_is_none_it_says_why(  # noqa: PLR0917  # two fixtures, four parameters
    world: World, wire: Wire, stacks: list[dict[str, Any]], service: str | None, name: str | None, words: str
) -> None:
    wire.answers("DescribeStacks", {"Stacks": stacks})

    with pytest.raises(Problem, match=words):
        find(world.access, service, name)


def test_a_name_that_there_is_not_says_so(world: World, wire: Wire) -> None:
    wire.fails("DescribeStacks", "ValidationError", 400, "Stack with id nothing does not exist")

    with pytest.raises(Problem, match="There is no stack named nothing"):
        find(world.access, None, "nothing")


def test_who_may_not_look_is_told_what_to_name(world: World, wire: Wire) -> None:
    wire.fails("DescribeStacks", "AccessDenied", 403)

    with pytest.raises(Problem, match="cloudformation:DescribeStacks") as problem:
        find(world.access, None, None)
    assert "--bucket" in problem.value.to_do


@pytest.mark.parametrize(
    ("state", "to_do"),
    [
        ("REVIEW_IN_PROGRESS", "confirm the changeset"),
        ("CREATE_IN_PROGRESS", "Try again when it is complete"),
        ("CREATE_FAILED", "Delete it, then deploy it again"),
        ("ROLLBACK_IN_PROGRESS", "is being rolled back"),
        ("ROLLBACK_COMPLETE", "Delete it, then deploy it again"),
        ("ROLLBACK_FAILED", "Delete it, then deploy it again"),
        ("DELETE_IN_PROGRESS", "It is being deleted"),
        ("DELETE_FAILED", "Delete it again"),
    ],
)
@pytest.mark.parametrize(
    "asked_by", [(None, None), (None, "mine"), (SERVICE, None)], ids=["nothing", "name", "service"]
)
def test_a_stack_that_is_not_there_yet_or_any_more_is_named_with_its_state(
    world: World, wire: Wire, state: str, to_do: str, asked_by: tuple[str | None, str | None]
) -> None:
    mine = partial("mine", state, SERVICE)
    wire.answers("DescribeStacks", {"Stacks": [mine] if asked_by[1] else [OTHER, mine]})

    with pytest.raises(Problem, match=f"The stack mine is in the state {state}") as problem:
        find(world.access, *asked_by)
    assert to_do in problem.value.to_do
