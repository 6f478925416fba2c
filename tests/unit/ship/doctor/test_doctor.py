"""What the doctor finds, and what to do about it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest

from core.build_log import reason_line
from core.reasons import Reason
from core.recording.next_image import LATEST
from ship.asked import Asked
from ship.aws.cloudformation import Stack
from ship.doctor import examine
from ship.doctor.findings import OK, PROBLEM, UNSEEN, WARNING
from ship.problem import Problem
from ship.terminal import Terminal
from tests.support.wire import Wire
from tests.unit.ship.support.world import STACK, World, denial

TAG = "build-20261120T120000Z-0A-00000000"
MANIFEST = '{"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"}'
QUEUES = {"uploads": STACK.upload_queue, "given-up": STACK.upload_dead_letters, "failed": STACK.trigger_dead_letters}


@pytest.fixture
def wire(world: World) -> Wire:
    """An account in which nothing is wrong: a high quota, empty queues, logs and metrics, no alarm that is on."""
    for name in QUEUES:
        world.access.sqs.create_queue(QueueName=name)
    world.access.ecr.create_repository(repositoryName=STACK.repository)
    access = world.access
    made = Wire((access.quotas, access.sqs, access.ssm, access.ecr, access.cloudwatch, access.logs))
    made.answers("ListServiceQuotas", quota(20))
    made.answers("DescribeAlarms", {"MetricAlarms": [alarm("a", "OK")]})
    made.answers("GetMetricData", {"MetricDataResults": []})
    made.answers("FilterLogEvents", {"events": []})
    return made


def log(wire: Wire, *records: dict[str, Any], minutes: float = 1) -> None:
    """Has the functions' logs hold these records, all so many minutes old."""
    timestamp = int((datetime.now(UTC) - timedelta(minutes=minutes)).timestamp() * 1000)
    wire.heals("FilterLogEvents")
    events = [{"timestamp": timestamp, "message": json.dumps(each)} for each in records]
    wire.answers("FilterLogEvents", {"events": events})


def failing(message: str, said: str, **more: Any) -> dict[str, Any]:
    """A function's record of an error."""
    return {"level": "ERROR", "message": message, "function_request_id": "r", "stack_trace": {"value": said}, **more}


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
    assert code == int(PROBLEM in [each["level"] for each in findings])
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

    assert found(world, capsys) == (code, [(level, f"Concurrent builds on ARM/Small: {most}.")])


@pytest.mark.usefixtures("wire")
@pytest.mark.parametrize(
    ("queue", "what"),
    [("given-up", "Uploads given up: 1."), ("failed", "Recordings that failed five times: 1.")],
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

    assert (PROBLEM, f"{STACK.parameter} names nginx:latest, which isn't an image of this stack.") in found(
        world, capsys
    )[1]


@pytest.mark.usefixtures("wire")
def test_tags_that_only_look_like_a_builds(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    record(world, LATEST, "build-of-mine")

    assert found(world, capsys) == (
        0,
        [(WARNING, "Tags that look like build tags but aren't recorded: build-of-mine.")],
    )


@pytest.mark.usefixtures("wire")
@pytest.mark.parametrize(
    ("status", "reason", "what"),
    [
        ("failed", "build-failed: x", "The last upload that was built, hello.zip, failed."),
        ("waiting", "no-room: No room.", "The last upload that was built, hello.zip, waits: No room."),
        # as an older stack wrote it
        ("accepted", "waiting: No room.", "The last upload that was built, hello.zip, waits: No room."),
    ],
)
def test_the_last_upload(world: World, capsys: pytest.CaptureFixture[str], status: str, reason: str, what: str) -> None:
    record(world, LATEST)
    upload = world.upload()
    world.builds_it(upload)
    world.says(upload, status, reason)

    assert found(world, capsys) == (0, [(WARNING, what)])


@pytest.mark.usefixtures("wire")
def test_uploads_whose_status_may_not_be_read_name_the_permission_once(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    record(world, LATEST)
    for key in ("older.zip", "newest.zip"):
        world.builds_it(world.upload(key))
    world.denies("GetObjectTagging", "s3:GetObjectVersionTagging")

    said = "There is no upload newest.zip in source-bucket, or you lack the permission s3:GetObjectVersionTagging."
    assert found(world, capsys) == (0, [(UNSEEN, said)])


@pytest.mark.usefixtures("wire")
def test_json_is_nothing_that_a_ci_runner_obeys(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    upload = world.upload("##vso[a].zip")
    world.builds_it(upload)
    world.says(upload, "failed", "build-failed: x")

    examine(Asked(world.access, STACK), Terminal(), as_json=True)
    answered = capsys.readouterr().out
    assert "##vso[" not in answered
    assert json.loads(answered)[-1]["what"] == "The last upload that was built, ##vso[a].zip, failed."


REFUSED = (
    "An error occurred (AccessDeniedException) when calling the PutParameter operation: User: "
    "arn:aws:sts::123456789012:assumed-role/the-role/session is not authorized to perform: ssm:PutParameter "
    "on resource: arn:aws:ssm:us-east-1:123456789012:parameter/p with an explicit deny in an identity-based policy"
)
LACKING = "The build's role the-role lacks the permission ssm:PutParameter"
SHORTENED = "S3 refused the download. ... zed to perform: s3:GetObjectVersion with an explicit deny in a policy"
UNRECORDED = "Recording failed: the triggers come again"


def test_a_permission_that_a_function_lacks(world: World, wire: Wire, capsys: pytest.CaptureFixture[str]) -> None:
    record(world, LATEST)
    log(wire, failing(UNRECORDED, REFUSED), failing(UNRECORDED, REFUSED))

    code, findings = found(world, capsys)
    assert code == 1
    assert [what.partition(" (")[0] for _, what in findings] == [
        f"{function}'s role the-role lacks the permission ssm:PutParameter"
        for function in ("StartBuild", "RecordImage")
    ]
    assert all("(2 times, last at " in what for _, what in findings)


def test_the_remedy_quotes_aws(world: World, wire: Wire, capsys: pytest.CaptureFixture[str]) -> None:
    log(wire, failing(UNRECORDED, REFUSED))

    examine(Asked(world.access, STACK), Terminal(), as_json=False)
    assert (
        "    A policy of the role denies it: remove that statement in IAM. AWS says: with an explicit deny in an "
        "identity-based policy.\n"
    ) in capsys.readouterr().out


@pytest.mark.parametrize(("times", "level", "code"), [(1, WARNING, 0), (2, PROBLEM, 1)])
def test_an_error_alone_may_heal_by_itself(  # noqa: PLR0917  # three fixtures, three parameters
    world: World, wire: Wire, capsys: pytest.CaptureFixture[str], times: int, level: str, code: int
) -> None:
    record(world, LATEST)
    throttled = "An error occurred (ThrottlingException) when calling the PutParameter operation: Rate exceeded"
    log(wire, *[failing(UNRECORDED, throttled)] * times)

    answered, findings = found(world, capsys)
    assert answered == code
    assert [each for each, _ in findings] == [level, level]
    assert all(what.endswith(f"{UNRECORDED}. {throttled}") for _, what in findings)


def test_an_upload_that_start_build_fails_at_says_what_it_waits_for(
    world: World, wire: Wire, capsys: pytest.CaptureFixture[str]
) -> None:
    record(world, LATEST)
    upload, gone = world.upload("waits.zip"), world.upload("gone.zip")
    world.says(upload, "waiting", "no-permission: AWS answers StartBuild with AccessDeniedException.")
    world.access.s3.delete_object(Bucket=STACK.bucket, Key=gone.key, VersionId=gone.version_id)
    names = [{"key": each.key, "version_id": each.version_id} for each in (upload, gone)]
    log(wire, *(failing("The message goes back to the queue", REFUSED, **each) for each in names))

    said = "The upload waits.zip waits: AWS answers StartBuild with AccessDeniedException."
    assert (WARNING, said) in found(world, capsys)[1]


def test_an_upload_that_waits_for_room_says_so(world: World, wire: Wire, capsys: pytest.CaptureFixture[str]) -> None:
    record(world, LATEST)
    upload = world.upload("waits.zip")
    world.says(upload, "waiting", "no-room: CodeBuild takes no more builds now.")
    names = {"key": upload.key, "version_id": upload.version_id}
    log(wire, {"level": "WARNING", "message": "The build waits", "cause": "AccountLimitExceededException", **names})

    assert found(world, capsys) == (
        0, [(WARNING, "The upload waits.zip waits: CodeBuild takes no more builds now.")],
    )  # fmt: skip


def test_of_many_that_wait_ten_are_shown(world: World, wire: Wire, capsys: pytest.CaptureFixture[str]) -> None:
    record(world, LATEST)
    waiting = [world.upload(f"{number}.zip") for number in range(12)]
    for upload in waiting:
        world.says(upload, "waiting", "no-room: x")
    names = [{"key": each.key, "version_id": each.version_id} for each in waiting]
    log(wire, *({"level": "WARNING", "message": "The build waits", **each} for each in names))

    said = [what for _, what in found(world, capsys)[1]]
    assert len(said) == 11
    assert said[-1] == "And 2 more uploads may wait."


def test_a_hint_repeats_the_options_that_name_the_stack(
    world: World, wire: Wire, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting = [world.upload(f"{number}.zip") for number in range(11)]
    names = [{"key": each.key, "version_id": each.version_id} for each in waiting]
    log(wire, *({"level": "WARNING", "message": "The build waits", **each} for each in names))

    examine(Asked(world.access, STACK), Terminal(), as_json=False)
    assert "    For each of them: ship status --stack source-to-ecr KEY\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("minutes", "age", "findings"),
    [
        (1, timedelta(hours=1), []),
        (30, timedelta(minutes=10), []),
        (
            30,
            timedelta(hours=1),
            ["RecordImage runs every 15 minutes, but has logged nothing for more than 20 minutes."],
        ),
    ],
)
def test_a_function_that_is_silent(  # noqa: PLR0917  # three fixtures, three parameters
    world: World, wire: Wire, capsys: pytest.CaptureFixture[str], minutes: float, age: timedelta, findings: list[str]
) -> None:
    record(world, LATEST)
    log(wire, {"level": "INFO", "message": "Decided"}, minutes=minutes)

    stack = replace(STACK, since=datetime.now(UTC) - age)
    assert found(world, capsys, stack) == (len(findings), [(PROBLEM, each) for each in findings])


@pytest.mark.usefixtures("wire")
def test_uploads_that_nobody_takes(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    record(world, LATEST)
    world.access.sqs.send_message(QueueUrl=STACK.upload_queue, MessageBody="x")

    said = "Uploads are in the queue, but StartBuild has logged nothing for more than 20 minutes."
    assert found(world, capsys) == (0, [(WARNING, said)])


def alarm(name: str, state: str, topic: str = STACK.alarm_topic) -> dict[str, Any]:
    """An alarm as CloudWatch answers."""
    return {
        "AlarmName": f"source-to-ecr-{name}",
        "AlarmDescription": "Do this.",
        "AlarmActions": [topic],
        "StateValue": state,
        "StateUpdatedTimestamp": datetime(2026, 11, 20, 3, 0, tzinfo=UTC),
    }


def test_an_alarm_that_is_on(world: World, wire: Wire, capsys: pytest.CaptureFixture[str]) -> None:
    record(world, LATEST)
    wire.heals("DescribeAlarms")
    others = [alarm("b", "OK"), alarm("c", "INSUFFICIENT_DATA"), alarm("d", "ALARM", "arn:aws:sns:us-east-1:1:other")]
    wire.answers("DescribeAlarms", {"MetricAlarms": [alarm("a", "ALARM"), *others]})

    code, ((level, what),) = found(world, capsys)
    assert (code, level) == (1, PROBLEM)
    assert what.startswith("The alarm source-to-ecr-a has been on since 2026-11-")


def test_a_stack_whose_alarms_are_not_found_is_not_said_to_be_quiet(
    world: World, wire: Wire, capsys: pytest.CaptureFixture[str]
) -> None:
    record(world, LATEST)
    wire.heals("DescribeAlarms")
    wire.answers("DescribeAlarms", {"MetricAlarms": [alarm("d", "OK", "arn:aws:sns:us-east-1:1:other")]})

    assert found(world, capsys) == (0, [(UNSEEN, "No alarm of the stack source-to-ecr was found.")])


def test_what_cloudwatch_counted(world: World, wire: Wire, capsys: pytest.CaptureFixture[str]) -> None:
    record(world, LATEST)
    wire.heals("GetMetricData")
    counted = {"m0": [], "m1": [1.0], "m2": [1.0, 2.0], "m5": [1.0]}
    results = [{"Id": name, "Values": values} for name, values in counted.items()]
    wire.answers("GetMetricData", {"MetricDataResults": results})

    assert found(world, capsys) == (
        0,
        [
            (WARNING, "Failures that retries don't fix in the last half hour: 1."),
            (WARNING, "Failed invocations of StartBuild in the last half hour: 3."),
            (WARNING, "Throttled invocations of RecordImage in the last half hour: 1."),
        ],
    )
    (request,) = wire.of("GetMetricData")
    metrics = [each["MetricStat"]["Metric"] for each in request["MetricDataQueries"]]
    assert [(each["MetricName"], each["Dimensions"][0]["Value"]) for each in metrics] == [
        ("NeedsAttention", STACK.service),
        ("NeedsRepair", STACK.service),
        *((name, function) for function in ("start-build", "record-image") for name in ("Errors", "Throttles")),
    ]


# The last build's end

ENDED = {
    "buildStatus": "FAILED",
    "endTime": datetime.now(UTC),
    "phases": [{"phaseType": "BUILD", "phaseStatus": "FAILED"}],
}


@pytest.mark.usefixtures("wire")
@pytest.mark.parametrize(
    ("reason", "level", "what"),
    [
        (
            f"build-system-fault: S3 refused the download. {REFUSED}",
            PROBLEM,
            f"{LACKING}. The last build that ended, of hello.zip, failed.",
        ),
        (
            "push-failed: The push failed. EOF",
            WARNING,
            "The last build that ended, of hello.zip, failed: push-failed: The push failed. EOF",
        ),
        (
            f"build-failed: {REFUSED}",
            WARNING,
            f"The last build that ended, of hello.zip, failed: build-failed: {REFUSED}",
        ),
    ],
)
def test_the_last_builds_own_end(
    world: World, capsys: pytest.CaptureFixture[str], reason: str, level: str, what: str
) -> None:
    record(world, LATEST)
    code, _, sentence = reason.partition(": ")
    world.log[:] = ["Fetching", reason_line(Reason(code, sentence))]
    world.builds_it(world.upload(), **ENDED)
    world.builds_it(world.upload("running.zip"))

    findings = [(each, re.sub(r" at [-0-9]+ [:0-9]+,", ",", text)) for each, text in found(world, capsys)[1]]
    assert (level, what) in findings


@pytest.mark.usefixtures("wire")
def test_a_build_that_may_not_log(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    record(world, LATEST)
    context = {
        "statusCode": "ACCESS_DENIED",
        "message": f"Service role x does not allow that. Error message: {REFUSED[80:]}",
    }
    phases = [{"phaseType": "SUBMITTED", "phaseStatus": "FAILED", "contexts": [context]}]
    world.builds_it(world.upload(), **{**ENDED, "phases": phases})

    code, findings = found(world, capsys)
    assert code == 1
    assert LACKING in findings[0][1]


@pytest.mark.usefixtures("wire")
@pytest.mark.parametrize(
    ("reason", "level"),
    [
        (
            "no-permission: AWS answers StartBuild with AccessDeniedException. It is tried again every few minutes.",
            PROBLEM,
        ),
        ("aws-fails: AWS answers StartBuild with ThrottlingException. It is tried again every few minutes.", WARNING),
        (
            f"built-again: It is built again within 15 minutes. The last build ended with x-fault: {SHORTENED}",
            PROBLEM,
        ),
    ],
)
def test_what_an_upload_waits_for(world: World, capsys: pytest.CaptureFixture[str], reason: str, level: str) -> None:
    record(world, LATEST)
    older, newest = world.upload("older.zip"), world.upload("newest.zip")
    for upload in (older, newest):
        world.builds_it(upload)
    world.says(older, "waiting", reason)
    world.says(newest, "recorded", uri="x")

    assert [(each, what.partition(":")[0]) for each, what in found(world, capsys)[1]] == [
        (level, "The upload older.zip waits")
    ]


def test_what_it_still_looks_at_is_said_after_a_while(
    world: World, wire: Wire, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ship.doctor.PATIENCE", 0)
    said = Event()

    def answers() -> Iterator[dict[str, Any]]:
        said.wait()
        yield {"MetricAlarms": []}

    class Told(Terminal):
        def say(self, text: str, style: str = "") -> None:
            super().say(text, style)
            if "the alarms" in text:
                said.set()

    wire.heals("DescribeAlarms")
    wire.answers_one_by_one("DescribeAlarms", answers())
    examine(Asked(world.access, STACK), Told(), as_json=True)

    assert "Still looking at the alarms." in capsys.readouterr().err


def test_what_may_not_be_seen_names_the_right_and_is_no_problem(
    world: World, wire: Wire, capsys: pytest.CaptureFixture[str]
) -> None:
    world.denies("ListBuildsForProject", "codebuild:ListBuildsForProject")
    refused = (
        "servicequotas:ListServiceQuotas",
        "sqs:GetQueueAttributes",
        "cloudwatch:DescribeAlarms",
        "logs:FilterLogEvents",
        "cloudwatch:GetMetricData",
        "ssm:GetParameterHistory",
    )
    for action in refused:
        operation = action.partition(":")[2]
        wire.heals(operation)
        wire.fails(operation, "AccessDeniedException", 400, denial(action))

    code, findings = found(world, capsys)
    assert code == 0
    assert {level for level, _ in findings} == {UNSEEN}
    assert [what.partition("permission ")[2] for _, what in findings] == [
        "servicequotas:ListServiceQuotas.",
        "sqs:GetQueueAttributes.",
        "cloudwatch:DescribeAlarms.",
        "logs:FilterLogEvents.",
        "logs:FilterLogEvents.",
        "cloudwatch:GetMetricData.",
        "ssm:GetParameterHistory.",
        "codebuild:ListBuildsForProject.",
        "codebuild:ListBuildsForProject.",
    ]


def test_with_the_bucket_alone_there_is_nothing_to_look_at(world: World) -> None:
    with pytest.raises(Problem, match="not only its bucket"):
        examine(Asked(world.access, Stack(STACK.bucket)), Terminal(), as_json=False)
