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


OURS, OTHER = described("source-to-ecr", OUTPUTS), described("website", {"Url": "https://example.com"})
SECOND = described("second", OUTPUTS | {"ProjectName": "second-service"})


@pytest.fixture
def wire(world: World) -> Wire:
    """CloudFormation."""
    return Wire((world.access.cloudformation,))


def test_the_only_one_there_is_is_found_by_its_outputs_among_others(world: World, wire: Wire) -> None:
    wire.answers("DescribeStacks", {"Stacks": [OTHER, described("source-to-ecr", OUTPUTS, PARAMETERS)]})

    found = find(world.access, None, None)
    assert (found.name, found.account, found.bucket, found.repository) == (
        "source-to-ecr",
        ACCOUNT,
        STACK.bucket,
        SERVICE,
    )
    assert (found.dockerfile, found.largest_mib, found.compute_type) == ("docker/Dockerfile", 7, "BUILD_GENERAL1_LARGE")


def test_of_several_the_service_says_which(world: World, wire: Wire) -> None:
    wire.answers("DescribeStacks", {"Stacks": [OURS, SECOND]})

    assert find(world.access, "second-service", None).name == "second"
    with pytest.raises(Problem, match=r"several services: jwt-pizza-service, second-service"):
        find(world.access, None, None)


def test_a_stack_is_asked_for_by_its_name(world: World, wire: Wire) -> None:
    wire.answers("DescribeStacks", {"Stacks": [SECOND]})

    assert find(world.access, None, "second").service == "second-service"
    assert wire.of("DescribeStacks") == [{"StackName": "second"}]


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
    ("stacks", "service", "words"),
    [
        ([], None, f"There is no stack of Source to ECR in account {ACCOUNT}, region us-east-1."),
        ([OTHER], None, "There is no stack of Source to ECR"),
        ([OURS], "other", r"There is no stack of the service other .* There is: jwt-pizza-service\."),
    ],
)
def test_where_there_is_none_it_says_where_it_looked(
    world: World, wire: Wire, stacks: list[dict[str, Any]], service: str | None, words: str
) -> None:
    wire.answers("DescribeStacks", {"Stacks": stacks})

    with pytest.raises(Problem, match=words):
        find(world.access, service, None)


def test_a_name_that_there_is_not_says_so(world: World, wire: Wire) -> None:
    wire.fails("DescribeStacks", "ValidationError", 400, "Stack with id nothing does not exist")

    with pytest.raises(Problem, match="There is no stack named nothing"):
        find(world.access, None, "nothing")


def test_who_may_not_look_is_told_what_to_name(world: World, wire: Wire) -> None:
    wire.fails("DescribeStacks", "AccessDenied", 403)

    with pytest.raises(Problem, match="cloudformation:DescribeStacks") as problem:
        find(world.access, None, None)
    assert "--bucket" in problem.value.to_do


# Stacks that aren't whole


def partial(name: str, state: str, **more: Any) -> dict[str, Any]:
    """A stack of ours in this state, without outputs, in the shape of DescribeStacks."""
    description = f"{DESCRIPTION} Upload a source zip, …"
    return described(name, {}) | {"StackStatus": state, "Description": description} | more


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
    mine = partial("mine", state, Parameters=[{"ParameterKey": "ServiceName", "ParameterValue": SERVICE}])
    wire.answers("DescribeStacks", {"Stacks": [mine] if asked_by[1] else [OTHER, mine]})

    with pytest.raises(Problem, match=f"The stack mine is in the state {state}") as problem:
        find(world.access, *asked_by)
    assert to_do in problem.value.to_do


def test_what_is_left_of_a_deleted_stack_is_not_asked_about_where_there_is_another(world: World, wire: Wire) -> None:
    wire.answers("DescribeStacks", {"Stacks": [described("old", OUTPUTS) | {"StackStatus": "DELETE_FAILED"}, OURS]})

    assert find(world.access, SERVICE, None).name == "source-to-ecr"
    assert find(world.access, None, None).name == "source-to-ecr"


def test_what_is_left_of_a_deleted_stack_is_named_where_there_is_no_other(world: World, wire: Wire) -> None:
    wire.answers("DescribeStacks", {"Stacks": [described("old", OUTPUTS) | {"StackStatus": "DELETE_FAILED"}, OTHER]})

    with pytest.raises(Problem, match="The stack old is in the state DELETE_FAILED"):
        find(world.access, None, None)


def test_a_partial_stack_of_another_service_is_not_meant(world: World, wire: Wire) -> None:
    theirs = partial("t", "ROLLBACK_COMPLETE", Parameters=[{"ParameterKey": "ServiceName", "ParameterValue": "theirs"}])
    wire.answers("DescribeStacks", {"Stacks": [theirs]})

    with pytest.raises(Problem, match=f"There is no stack of the service {SERVICE}"):
        find(world.access, SERVICE, None)


def test_a_failed_stack_of_somebody_else_is_not_meant(world: World, wire: Wire) -> None:
    wire.answers("DescribeStacks", {"Stacks": [OTHER | {"StackStatus": "ROLLBACK_COMPLETE", "Outputs": []}]})

    with pytest.raises(Problem, match="There is no stack of Source to ECR"):
        find(world.access, None, None)


def test_a_stack_of_that_name_that_is_none_of_ours_is_called_so(world: World, wire: Wire) -> None:
    wire.answers("DescribeStacks", {"Stacks": [OTHER]})

    with pytest.raises(Problem, match=r"The stack website \(CREATE_COMPLETE\) lacks the outputs ParameterName, "):
        find(world.access, None, "website")


@pytest.mark.parametrize(("mirror", "has_mirror"), [("https://mirror.gcr.io", True), ("", False)])
def test_whether_it_has_a_mirror_is_known(world: World, wire: Wire, mirror: str, has_mirror: bool) -> None:
    wire.answers("DescribeStacks", {"Stacks": [described("source-to-ecr", OUTPUTS, {"DockerHubMirror": mirror})]})

    assert find(world.access, None, None).has_mirror is has_mirror
