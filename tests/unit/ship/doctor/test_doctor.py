"""What the doctor finds, and what to do about it."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest

from core.build_log import reason_line
from core.reasons import Reason
from core.recording.next_image import LATEST
from ship.asked import Asked
from ship.aws.access import Access
from ship.aws.cloudformation import Stack
from ship.doctor import examine
from ship.doctor.findings import PROBLEM, UNSEEN, WARNING
from ship.problem import Problem
from ship.terminal import Terminal
from tests.unit.ship.support.account import (
    NEWER,
    OLDER,
    TAG,
    Account,
    alarm,
    failing,
    named,
    quota,
    waiting,
)
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


# The functions' logs


REFUSED = (
    "An error occurred (AccessDeniedException) when calling the PutParameter operation: User: "
    "arn:aws:sts::123456789012:assumed-role/the-role/session is not authorized to perform: ssm:PutParameter "
    "on resource: arn:aws:ssm:us-east-1:123456789012:parameter/p with an explicit deny in an identity-based policy"
)
THROTTLED = "An error occurred (ThrottlingException) when calling the PutParameter operation: Rate exceeded"
LACKING = "The build's role the-role lacks the permission ssm:PutParameter"
SHORTENED = "S3 refused the download. ... zed to perform: s3:GetObjectVersion with an explicit deny in a policy"
UNRECORDED = "Recording failed: the triggers come again"


def test_a_permission_that_a_function_lacks(account: Account) -> None:
    account.logs(failing(UNRECORDED, REFUSED), failing(UNRECORDED, REFUSED))

    findings = account.finds()
    assert [(level, what.partition(", last at ")[0]) for level, what in findings] == [
        (PROBLEM, f"{function}'s role the-role lacks the permission ssm:PutParameter (2 times")
        for function in ("StartBuild", "RecordImage")
    ]


def test_the_remedy_quotes_aws(account: Account) -> None:
    account.logs(failing(UNRECORDED, REFUSED))

    assert (
        "    A policy of the role denies it: remove that statement in IAM. AWS says: with an explicit deny in an "
        "identity-based policy.\n"
    ) in account.printed()


@pytest.mark.parametrize(("times", "level"), [(1, WARNING), (2, PROBLEM)])
def test_an_error_alone_may_heal_by_itself(account: Account, times: int, level: str) -> None:
    account.logs(*[failing(UNRECORDED, THROTTLED)] * times)

    findings = account.finds()
    assert [each for each, _ in findings] == [level, level]
    assert all(what.endswith(f"{UNRECORDED}. {THROTTLED}") for _, what in findings)


def test_an_upload_that_start_build_fails_at_says_what_it_waits_for(account: Account) -> None:
    world = account.world
    upload, gone = world.upload("waits.zip"), world.upload("gone.zip")
    world.says(upload, "waiting", "no-permission: AWS answers StartBuild with AccessDeniedException.")
    world.access.s3.delete_object(Bucket=STACK.bucket, Key=gone.key, VersionId=gone.version_id)
    account.logs(*(failing("The message goes back to the queue", REFUSED, **named(each)) for each in (upload, gone)))

    said = "The upload waits.zip waits: AWS answers StartBuild with AccessDeniedException."
    assert (WARNING, said) in account.finds()


def test_an_upload_that_waits_for_room_says_so(account: Account) -> None:
    upload = account.world.upload("waits.zip")
    account.world.says(upload, "waiting", "no-room: CodeBuild takes no more builds now.")
    account.logs(waiting(upload) | {"cause": "AccountLimitExceededException"})

    assert account.finds() == [(WARNING, "The upload waits.zip waits: CodeBuild takes no more builds now.")]


def test_of_many_the_last_ten_are_looked_at_and_a_command_for_the_others(account: Account) -> None:
    uploads = [account.world.upload(f"{number}.zip") for number in range(12)]
    for upload in uploads[:-1]:  # the last one waits no longer
        account.world.says(upload, "waiting", "no-room: x")
    account.logs(*map(waiting, uploads))

    findings = account.finds()
    assert len(findings) == 10
    assert findings[-1] == (WARNING, "And 2 more uploads may wait.")
    assert "    For each of them: ship status --stack source-to-ecr KEY\n" in account.printed()


@pytest.mark.parametrize(("minutes", "hours", "is_silent"), [(1, 1, False), (30, 1 / 6, False), (30, 1, True)])
def test_a_function_that_is_silent(account: Account, minutes: float, hours: float, is_silent: bool) -> None:
    account.logs({"level": "INFO", "message": "Decided"}, minutes=minutes)

    said = "RecordImage runs every 15 minutes, but has logged nothing for more than 20 minutes."
    stack = replace(STACK, since=datetime.now(UTC) - timedelta(hours=hours))
    assert account.finds(stack) == ([(PROBLEM, said)] if is_silent else [])


# CloudWatch


def test_an_alarm_that_is_on(account: Account) -> None:
    alarms = [alarm("a", "ALARM"), alarm("b", "OK"), alarm("c", "INSUFFICIENT_DATA"), ELSEWHERE]
    account.answers("DescribeAlarms", {"MetricAlarms": alarms})

    ((level, what),) = account.finds()
    assert level == PROBLEM
    assert what.startswith("The alarm source-to-ecr-a has been on since 2026-11-")


def test_what_cloudwatch_counted(account: Account) -> None:
    counted = {"m0": [], "m1": [1.0], "m2": [1.0, 2.0], "m5": [1.0]}
    results = [{"Id": name, "Values": values} for name, values in counted.items()]
    account.answers("GetMetricData", {"MetricDataResults": results})

    assert account.finds() == [
        (WARNING, "Failures that retries don't fix in the last half hour: 1."),
        (WARNING, "Failed invocations of StartBuild in the last half hour: 3."),
        (WARNING, "Throttled invocations of RecordImage in the last half hour: 1."),
    ]
    (request,) = account.wire.of("GetMetricData")
    metrics = [each["MetricStat"]["Metric"] for each in request["MetricDataQueries"]]
    assert [(each["MetricName"], each["Dimensions"][0]["Value"]) for each in metrics] == [
        ("NeedsAttention", STACK.service),
        ("NeedsRepair", STACK.service),
        *((name, function) for function in ("start-build", "record-image") for name in ("Errors", "Throttles")),
    ]


# The last build's end


def ended(*contexts: dict[str, str], phase: str = "BUILD") -> dict[str, Any]:
    """What CodeBuild says of a build that has just failed in this phase."""
    phases = [{"phaseType": phase, "phaseStatus": "FAILED", "contexts": [*contexts]}]
    return {"buildStatus": "FAILED", "endTime": datetime.now(UTC), "phases": phases}


@pytest.mark.parametrize(
    ("reason", "level", "what"),
    [
        (f"build-system-fault: S3 refused the download. {REFUSED}", PROBLEM, f"{LACKING}. {{}}."),
        ("push-failed: The push failed. EOF", WARNING, "{}: push-failed: The push failed. EOF"),
        (f"build-failed: {REFUSED}", WARNING, f"{{}}: build-failed: {REFUSED}"),
    ],
)
def test_the_last_builds_own_end(account: Account, reason: str, level: str, what: str) -> None:
    code, _, sentence = reason.partition(": ")
    account.world.log[:] = ["Fetching", reason_line(Reason(code, sentence))]
    account.world.builds_it(account.world.upload(), **ended())
    account.world.builds_it(account.world.upload("running.zip"))

    findings = [(each, re.sub(r" at [-0-9]+ [:0-9]+,", ",", text)) for each, text in account.finds()]
    assert (level, what.format("The last build that ended, of hello.zip, failed")) in findings


def test_a_build_that_may_not_log(account: Account) -> None:
    said = f"Service role x does not allow that. Error message: {REFUSED[80:]}"
    account.world.builds_it(
        account.world.upload(), **ended({"statusCode": "ACCESS_DENIED", "message": said}, phase="SUBMITTED")
    )

    level, what = account.finds()[0]
    assert level == PROBLEM
    assert LACKING in what


@pytest.mark.parametrize(
    ("reason", "level"),
    [
        ("no-permission: AWS answers StartBuild with AccessDeniedException. It is tried again.", PROBLEM),
        ("aws-fails: AWS answers StartBuild with ThrottlingException. It is tried again.", WARNING),
        (f"built-again: It is built again within 15 minutes. The last build ended with x-fault: {SHORTENED}", PROBLEM),
    ],
)
def test_what_an_upload_waits_for(account: Account, reason: str, level: str) -> None:
    account.builds("older.zip", "waiting", reason)
    account.world.says(account.builds("newest.zip"), "recorded", uri="x")

    findings = account.finds()
    assert [(each, what.partition(":")[0]) for each, what in findings] == [(level, "The upload older.zip waits")]


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
