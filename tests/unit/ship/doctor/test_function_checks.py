"""What the doctor finds in the functions' logs and metrics, and the stack's alarms."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ship.doctor.findings import PROBLEM, WARNING
from tests.unit.ship.support.account import REFUSED, Account, alarm, failing, named, waiting
from tests.unit.ship.support.world import STACK

ELSEWHERE = alarm("d", "ALARM", "arn:aws:sns:us-east-1:1:other")
THROTTLED = "An error occurred (ThrottlingException) when calling the PutParameter operation: Rate exceeded"
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
