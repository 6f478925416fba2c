"""Builds wait for each other, up to the account's quota; a token starts one build however often it is used."""

import pytest

from tests.local.support.building import Builder, phases
from tests.local.support.pipes import Gate

# The queue


def test_a_build_is_answered_for_while_it_waits(builder: Builder, gate: Gate) -> None:
    builder.start(gate.command)
    build = builder.start()

    assert (build["buildStatus"], build["buildComplete"], build["currentPhase"]) == ("IN_PROGRESS", False, "QUEUED")
    assert "endTime" not in build
    assert phases(build) == {"SUBMITTED": "SUCCEEDED"}
    gate.let_pass()
    assert builder.ended(build)["buildStatus"] == "SUCCEEDED"


def test_builds_run_in_the_order_in_which_they_were_started(builder: Builder, gate: Gate) -> None:
    builds = [builder.start(gate.command), builder.start(), builder.start()]
    gate.let_pass()
    for build in builds:
        assert builder.ended(build)["buildStatus"] == "SUCCEEDED"

    times = [time for build in builds for time in builder.times(build)]
    assert times == sorted(times)


def test_the_newest_build_is_listed_first(builder: Builder, gate: Gate) -> None:
    builds = [builder.start(gate.command), builder.start(), builder.start()]
    listed = builder.cloud.codebuild.list_builds_for_project(projectName="builds")["ids"]

    assert listed[:3] == [build["id"] for build in reversed(builds)]
    numbers = [builder.look(build)["buildNumber"] for build in builds]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]


# The quota


def test_an_account_without_quota_takes_no_build(builder: Builder) -> None:
    builder.set(concurrent_builds=0)

    with pytest.raises(builder.cloud.codebuild.exceptions.AccountLimitExceededException):
        builder.start()
    assert builder.active() == []


def test_five_times_as_many_builds_wait_as_run_and_one_that_ends_makes_room(builder: Builder, gate: Gate) -> None:
    builder.set(concurrent_builds=1)
    builds = [builder.start(gate.command), *(builder.start() for _ in range(5))]

    with pytest.raises(builder.cloud.codebuild.exceptions.AccountLimitExceededException) as refused:
        builder.start()

    assert refused.value.response["Error"]["Message"] == "Cannot have more than 1 active builds"
    assert {build["id"] for build in builder.active()} == {build["id"] for build in builds}
    builder.stop(builds[-1])
    assert builder.start()["buildStatus"] == "IN_PROGRESS"


# The token


def test_the_same_request_with_the_same_token_gives_the_same_build(builder: Builder, unique: str) -> None:
    build = builder.run(idempotencyToken=unique)
    again = builder.start(idempotencyToken=unique)

    assert again == builder.look(build)


def test_a_token_is_honoured_where_there_is_no_quota_left(builder: Builder, unique: str) -> None:
    build = builder.run(idempotencyToken=unique)
    builder.set(concurrent_builds=0)

    assert builder.start(idempotencyToken=unique)["id"] == build["id"]


def test_another_request_with_the_same_token_is_refused(builder: Builder, gate: Gate, unique: str) -> None:
    build = builder.start(gate.command, idempotencyToken=unique)

    with pytest.raises(builder.cloud.codebuild.exceptions.InvalidInputException):
        builder.start("echo other", idempotencyToken=unique)
    assert [each["id"] for each in builder.active()] == [build["id"]]


def test_another_token_and_no_token_give_another_build(builder: Builder, gate: Gate, unique: str) -> None:
    builder.start(gate.command)
    builds = [builder.start(idempotencyToken=unique), builder.start(idempotencyToken=f"{unique}-other")]
    builds += [builder.start(), builder.start()]

    assert len({build["id"] for build in builds}) == 4


def test_a_refused_request_leaves_its_token_free(builder: Builder, unique: str) -> None:
    builder.set(concurrent_builds=0)
    with pytest.raises(builder.cloud.codebuild.exceptions.AccountLimitExceededException):
        builder.start(idempotencyToken=unique)
    builder.set(concurrent_builds=1)

    assert builder.run(idempotencyToken=unique)["buildStatus"] == "SUCCEEDED"


# What isn't honoured


def test_an_override_that_is_not_honoured_is_refused_by_name(builder: Builder) -> None:
    with pytest.raises(builder.cloud.codebuild.exceptions.InvalidInputException) as refused:
        builder.start(imageOverride="other", buildspecOverride="other")

    assert refused.value.response["Error"]["Message"] == (
        "The local cloud doesn't support buildspecOverride, imageOverride."
    )
    assert builder.active() == []


def test_a_project_that_is_not_known_has_no_builds(builder: Builder) -> None:
    with pytest.raises(builder.cloud.codebuild.exceptions.ResourceNotFoundException):
        builder.start(project="unknown")
