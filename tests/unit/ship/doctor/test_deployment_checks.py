"""What the doctor finds in the ECS service that runs the parameter's image, and in auto-deploy."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ship.doctor.findings import PROBLEM, UNSEEN, WARNING
from tests.unit.ship.support.account import TAG, Account
from tests.unit.ship.support.ecs import OTHER, Ecs
from tests.unit.ship.support.world import SERVICE, STACK, uri_of

RECORDED = uri_of(TAG)
FOLLOWER = f"{SERVICE}-auto-deploy"
THE = f"The ECS service {SERVICE} in the cluster {SERVICE}"
DAY = 24 * 60
UNPLACED = "(service x) was unable to place a task. Reason: Capacity is unavailable at this time."
STEADY = "(service x) has reached a steady state."


@pytest.fixture
def ecs(account: Account) -> Ecs:
    """A service that runs the parameter's image, and follows the parameter."""
    account.world.follows("running", imageUri=RECORDED, running=RECORDED)
    return Ecs(account.world).runs(RECORDED)


def test_where_the_service_runs_the_recorded_image_nothing_is_wrong(account: Account, ecs: Ecs) -> None:
    assert account.finds() == []
    assert f"✓ {THE} runs the parameter's image.\n" in account.printed()


def test_a_failed_deployment_is_a_problem_with_its_reason(account: Account, ecs: Ecs) -> None:
    ecs.runs(OTHER)
    account.world.follows("not-healthy", imageUri=RECORDED, running=OTHER, reason="tasks failed to start.")

    failed = "the deployment of the parameter's image failed: tasks failed to start."
    assert account.finds() == [(PROBLEM, f"{THE}: The service still runs another image, because {failed}")]


def test_a_service_that_is_gone_although_something_follows_is_a_problem(account: Account) -> None:
    account.world.follows("not-healthy", imageUri=RECORDED)

    gone = "It doesn't exist, but something follows the parameter for it."
    assert account.finds() == [(PROBLEM, f"{THE}: {gone}")]
    assert f"delete the stack {FOLLOWER}." in account.printed()


@pytest.mark.parametrize("state", ["not-healthy", "deploying", "changed", "running"])
def test_of_a_service_that_is_scaled_to_0_its_desired_count_is_the_problem(
    account: Account, ecs: Ecs, state: str
) -> None:
    ecs.desired = 0
    ecs.runs(defined=RECORDED)
    account.world.follows(state, imageUri=RECORDED, reason="The service's desired count is 0.")

    assert account.finds() == [(PROBLEM, f"{THE}: The service runs no task: its desired count is 0.")]
    assert "Set the desired count." in account.printed()


def test_a_service_that_does_not_follow_and_runs_another_image(account: Account) -> None:
    Ecs(account.world).runs(OTHER)

    differs = "The service runs another image than the parameter names, and doesn't follow the parameter."
    assert account.finds() == [(WARNING, f"{THE}: {differs}")]


@pytest.mark.parametrize(
    ("messages", "is_found"),
    [
        ([UNPLACED], True),
        ([STEADY, UNPLACED], True),
        ([UNPLACED, STEADY], False),
        ([UNPLACED, "(service x) has started 1 tasks."], True),
        (["(service x) has started 1 tasks."], False),
    ],
    ids=["no room", "no room any more", "room again", "tried again", "no word of it"],
)
def test_a_task_without_room_is_a_problem(account: Account, ecs: Ecs, messages: list[str], is_found: bool) -> None:
    began = datetime.now(UTC) - timedelta(minutes=10)
    ecs.events = [event(words, began + timedelta(minutes=number)) for number, words in enumerate(messages)]
    ecs.runs(RECORDED)

    no_room = f"ECS has no room for a task of the {THE.removeprefix('The ')}. It says: {UNPLACED}"
    assert account.finds() == ([(PROBLEM, no_room)] if is_found else [])


def test_a_task_that_had_no_room_long_ago_is_not_mentioned(account: Account, ecs: Ecs) -> None:
    ecs.events = [event(UNPLACED, datetime.now(UTC) - timedelta(minutes=41))]
    ecs.runs(RECORDED)

    assert account.finds() == []


def event(message: str, at: datetime) -> dict[str, Any]:
    """A message of ECS about the service."""
    return {"id": message, "createdAt": at, "message": message}


# The follower


@pytest.mark.parametrize(
    ("state", "minutes", "words"),
    [
        ("new", 41, "hasn't handled the parameter's image since"),
        ("deploying", 41, "hasn't looked at its deployment since"),
        ("deploying", 39, ""),
        ("running", 41, ""),
        ("not-healthy", 41, ""),
    ],
)
def test_a_follower_that_has_not_looked_for_long_is_a_problem(
    account: Account, ecs: Ecs, state: str, minutes: float, words: str
) -> None:
    account.world.follows(state, imageUri=RECORDED)
    looked(account, minutes)
    written(account, minutes)

    found = [what for level, what in account.finds() if level == PROBLEM]
    assert len(found) == bool(words)
    assert not words or f"{FOLLOWER} {words}" in found[0]


@pytest.mark.parametrize(
    ("record", "ages", "is_found"),
    [
        ({"state": "running", "imageUri": OTHER}, (3 * DAY, 3 * DAY), True),
        ({"state": "running", "imageUri": OTHER}, (3 * DAY, 41), True),
        ({"state": "running", "imageUri": OTHER}, (3 * DAY, 39), False),
        ({"state": "not-healthy", "imageUri": OTHER}, (3 * DAY, 41), True),
        ({"state": "new"}, (3 * DAY, 39), False),
        ({"state": "new"}, (39, 3 * DAY), False),
        ({"state": "running", "imageUri": RECORDED, "version": 0}, (3 * DAY, 41), True),
        ({"state": "running", "imageUri": RECORDED, "version": 1}, (3 * DAY, 41), False),
    ],
    ids=[
        "dead for days",
        "dead for long",
        "may be on its way",
        "after a failure",
        "first image",
        "just deployed",
        "the same image again",
        "handled",
    ],
)
def test_a_follower_without_a_record_of_an_image_written_long_ago_is_a_problem(
    account: Account, ecs: Ecs, record: dict[str, Any], ages: tuple[float, float], is_found: bool
) -> None:
    ecs.runs(OTHER)
    account.world.follows(**record)
    looked(account, ages[0])
    written(account, ages[1])

    problems = [what for level, what in account.finds() if level == PROBLEM]
    assert len(problems) == is_found
    if is_found:
        assert f"{FOLLOWER} hasn't handled the parameter's image since" in problems[0]
        assert f"the output LogGroup of the stack {FOLLOWER}. Its alarm DeadLettersAlarm shows" in account.printed()


def looked(account: Account, minutes: float) -> None:
    """Has the follower have written its record so long ago."""
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    account.wire.after("GetParameter", lambda answer: answer["Parameter"].update(LastModifiedDate=at))


def written(account: Account, minutes: float) -> None:
    """Has the image parameter have been written so long ago."""
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    account.wire.after("GetParameterHistory", lambda answer: answer["Parameters"][-1].update(LastModifiedDate=at))


@pytest.mark.parametrize(
    ("record", "defined", "advice"),
    [
        ({"state": "running", "imageUri": OTHER}, OTHER, f"says more: the output LogGroup of the stack {FOLLOWER}."),
        ({"state": "running", "imageUri": RECORDED}, RECORDED, "The service's events in the ECS console say more."),
        ({"state": "running", "imageUri": RECORDED}, OTHER, "The service's events in the ECS console say more."),
    ],
    ids=["not begun", "replacing", "another image"],
)
def test_the_doctor_never_advises_to_run_the_doctor(
    account: Account, ecs: Ecs, record: dict[str, Any], defined: str, advice: str
) -> None:
    ecs.runs(OTHER, defined=defined)
    account.world.follows(**record)

    said = account.printed()
    assert advice in said
    assert "ship doctor" not in said


def test_before_the_first_recorded_image_a_follower_has_nothing_to_look_at(account: Account) -> None:
    account.world.follows("new")
    account.access.ssm.delete_parameter(Name=STACK.parameter)
    looked(account, 2 * DAY)

    assert account.finds() == [(WARNING, f"{STACK.parameter} doesn't exist yet.")]


def test_what_the_follower_could_not_handle_is_a_problem(account: Account, ecs: Ecs) -> None:
    queue = account.access.sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
    account.world.has_stack(FOLLOWER, outputs={"DeadLettersUrl": queue})
    assert account.finds() == []

    account.access.sqs.send_message(QueueUrl=queue, MessageBody="x")
    assert account.finds() == [(PROBLEM, f"Messages that {FOLLOWER} couldn't handle: 1.")]


# What can't be looked at


DENIED: list[tuple[Callable[[Account], object], list[str]]] = [
    (lambda a: a.world.denies("DescribeServices", "ecs:DescribeServices"), ["ecs:DescribeServices"]),
    (lambda a: a.world.denies("ListTasks", "ecs:ListTasks"), ["ecs:ListTasks"]),
    (lambda a: a.world.denies("GetParameter", "ssm:GetParameter"), ["ssm:GetParameter"]),
    (
        lambda a: a.world.denies("DescribeStacks", "cloudformation:DescribeStacks"),
        ["cloudformation:DescribeStacks"],  # once: the service is then looked for under its default name
    ),
]


@pytest.mark.parametrize(("happens", "missing"), DENIED, ids=lambda each: each[0] if isinstance(each, list) else "")
def test_a_permission_that_the_caller_lacks_is_named_once(
    account: Account, ecs: Ecs, happens: Callable[[Account], object], missing: list[str]
) -> None:
    happens(account)

    assert account.finds() == [(UNSEEN, f"You can't see this without the permission {each}.") for each in missing]


def test_where_nothing_follows_no_permission_is_missed(account: Account) -> None:
    account.world.denies("DescribeServices", "ecs:DescribeServices")

    assert account.finds() == []
