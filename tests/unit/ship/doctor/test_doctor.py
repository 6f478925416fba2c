"""What the doctor finds, and what to do about it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from core.recording.next_image import LATEST
from ship.asked import Asked
from ship.aws.access import Access
from ship.aws.cloudformation import Stack
from ship.doctor import examine
from ship.doctor.findings import PROBLEM, UNSEEN, WARNING
from ship.problem import Problem
from ship.terminal import Terminal
from tests.unit.ship.support.account import NEWER, OLDER, TAG, Account, alarm, quota, waiting
from tests.unit.ship.support.world import STACK, World, denial, hold, name, uri_of

ELSEWHERE = alarm("d", "ALARM", "arn:aws:sns:us-east-1:1:other")
LAST = "The last upload that was built, hello.zip,"
GONE = (PROBLEM, "The image that the parameter names isn't in the repository.")
NO_ALARM = "No alarm of the stack source-to-ecr was found."
UNTAKEN = "Uploads are in the queue, but StartBuild has logged nothing for more than 20 minutes."


def roll_back(access: Access) -> None:
    """Has somebody roll back to an older image."""
    hold(access, OLDER)
    name(access, hold(access, LATEST, image=OLDER), "by hand")


UNRECORDED_TAG = "Tags that look like build tags but aren't recorded: build-of-mine."
CASES: list[tuple[Callable[[Account], object], str, str]] = [
    (lambda a: a.access.ssm.delete_parameter(Name=STACK.parameter), WARNING, f"{STACK.parameter} doesn't exist yet."),
    (lambda a: a.answers("ListServiceQuotas", quota(0)), PROBLEM, "Concurrent builds on ARM/Small: 0."),
    (lambda a: a.answers("ListServiceQuotas", quota(1)), WARNING, "Concurrent builds on ARM/Small: 1."),
    (lambda a: a.queues("given-up"), PROBLEM, "Uploads given up: 1."),
    (lambda a: a.queues("failed"), PROBLEM, "Recordings that failed five times: 1."),
    (lambda a: a.queues("uploads"), WARNING, UNTAKEN),
    (lambda a: a.untags(LATEST), WARNING, "The image has no tag that keeps it from expiring."),
    (lambda a: name(a.access, uri_of(NEWER), f"{NEWER} request"), *GONE),
    (lambda a: hold(a.access, "build-of-mine", image=TAG), WARNING, UNRECORDED_TAG),
    (lambda a: roll_back(a.access), WARNING, f"{STACK.parameter} is rolled back to {OLDER}."),
    (lambda a: a.builds("hello.zip", "failed", "build-failed: x"), WARNING, f"{LAST} failed."),
    (lambda a: a.builds("hello.zip", "not-healthy", "not-healthy: x"), WARNING, f"{LAST} isn't healthy."),
    (lambda a: a.builds("hello.zip", "waiting", "no-room: No room."), WARNING, f"{LAST} waits: No room."),
    # as an older stack wrote it
    (lambda a: a.builds("hello.zip", "accepted", "waiting: No room."), WARNING, f"{LAST} waits: No room."),
    (lambda a: a.answers("DescribeAlarms", {"MetricAlarms": [ELSEWHERE]}), UNSEEN, NO_ALARM),
]


def test_where_all_is_well_nothing_is_found(account: Account) -> None:
    assert account.finds() == []


def test_a_look_takes_few_requests_however_much_waits(account: Account) -> None:
    uploads = [account.world.upload(f"{number}.zip") for number in range(12)]
    for upload in uploads:
        account.world.says(upload, "waiting", "no-room: x")
    account.logs(*map(waiting, uploads))
    account.wire.forget()

    account.finds()

    assert len(account.wire.requests) <= 24


@pytest.mark.parametrize(("happens", "level", "what"), CASES)
def test_what_is_wrong_is_found_and_nothing_else(
    account: Account, happens: Callable[[Account], object], level: str, what: str
) -> None:
    happens(account)

    assert account.finds() == [(level, what)]


def test_a_parameter_that_names_something_else(account: Account) -> None:
    name(account.access, "nginx:latest", "by hand")

    foreign = f"{STACK.parameter} names nginx:latest, which isn't an image of this stack."
    assert account.finds() == [(PROBLEM, foreign), GONE]


@pytest.mark.parametrize(
    ("status", "level"),
    [
        ("UPDATE_IN_PROGRESS", WARNING),
        ("UPDATE_ROLLBACK_COMPLETE", WARNING),
        ("UPDATE_ROLLBACK_FAILED", PROBLEM),
        ("DELETE_FAILED", PROBLEM),
    ],
)
def test_a_stack_that_is_not_whole(account: Account, status: str, level: str) -> None:
    findings = account.finds(replace(STACK, status=status))

    assert findings == [(level, f"The stack source-to-ecr of jwt-pizza-service is {status}.")]


def test_uploads_whose_status_may_not_be_read_name_the_permission_once(account: Account) -> None:
    account.builds("older.zip")
    account.builds("newest.zip")
    account.world.denies("GetObjectTagging", "s3:GetObjectVersionTagging")

    said = "There is no upload newest.zip in source-bucket, or you lack the permission s3:GetObjectVersionTagging."
    assert account.finds() == [(UNSEEN, said)]


def test_json_is_nothing_that_a_ci_runner_obeys(account: Account) -> None:
    account.builds("##vso[a].zip", "failed", "build-failed: x")

    answered = account.printed(as_json=True)
    assert "##vso[" not in answered
    assert json.loads(answered)[-1]["what"] == "The last upload that was built, ##vso[a].zip, failed."


# What can't be looked at


def test_what_it_still_looks_at_is_said_after_a_while(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ship.doctor.PATIENCE", 0)
    said = Event()

    def answers() -> Iterator[dict[str, Any]]:
        said.wait()
        yield {"MetricAlarms": []}

    class Told(Terminal):
        def note(self, text: str, *arguments: Any, **more: Any) -> None:
            super().note(text, *arguments, **more)
            if "the alarms" in text:
                said.set()

    account.wire.heals("DescribeAlarms")
    account.wire.answers_one_by_one("DescribeAlarms", answers())
    examine(Asked(account.access, STACK), Told(), as_json=True)

    assert "Still looking at the alarms." in account.capsys.readouterr().err


def test_what_may_not_be_seen_names_the_right_and_is_no_problem(account: Account) -> None:
    account.world.denies("ListBuildsForProject", "codebuild:ListBuildsForProject")
    refused = {
        "servicequotas:ListServiceQuotas": 1,
        "sqs:GetQueueAttributes": 1,
        "cloudwatch:DescribeAlarms": 1,
        "logs:FilterLogEvents": 2,
        "cloudwatch:GetMetricData": 1,
        "ssm:GetParameterHistory": 1,
    }
    for action in refused:
        operation = action.partition(":")[2]
        account.wire.heals(operation)
        account.wire.fails(operation, "AccessDeniedException", 400, denial(action))

    unseen = refused | {"codebuild:ListBuildsForProject": 2}
    said = [
        f"You can't see this without the permission {action}." for action, times in unseen.items() for _ in range(times)
    ]
    assert account.finds() == [(UNSEEN, each) for each in said]


def test_with_the_bucket_alone_there_is_nothing_to_look_at(world: World) -> None:
    with pytest.raises(Problem, match="not only its bucket"):
        examine(Asked(world.access, Stack(STACK.bucket)), Terminal(), as_json=False)
