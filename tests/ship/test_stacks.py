"""Which stack is meant."""

from typing import Any

import pytest

from ship.problem import Problem
from ship.stack import Stack, find
from tests.ship.support.world import ACCOUNT, SERVICE, STACK, World
from tests.support.wire import Wire

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
