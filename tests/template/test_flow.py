"""How events get from S3, CodeBuild, SSM and the clock to the two functions."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from core.notifying.retry_policy import SCHEDULE
from tests.support.stack import Stack, event, listed
from tests.template.support.patterns import matches

ENDS = ["build-succeeded", "build-failed", "build-stopped", "build-timed-out"]
TRIGGERING = ["BuildRule", "ParameterRule", "Schedule"]
AN_HOUR = 60 * 60
FOURTEEN_DAYS = 14 * 24 * AN_HOUR


def takes(stack: Stack, rule: str, happened: dict[str, Any]) -> bool:
    return matches(stack.properties(rule)["EventPattern"], happened)


def changed(file: str, /, **detail: Any) -> dict[str, Any]:
    """One of events/, with other values in its detail."""
    happened = deepcopy(event(file))
    happened["detail"] |= detail
    return happened


def uploaded(key: str) -> dict[str, Any]:
    happened = event("object-created")
    return changed("object-created", object=happened["detail"]["object"] | {"key": key})


# Rules


KEYS = ["jwt-pizza-service.zip", "App.ZIP", "app.tgz", "no-extension", "a/b/c.zip", "-x.zip", "file:///etc/passwd"]
EVENTS: list[tuple[str, dict[str, Any], bool]] = [
    *(("UploadRule", uploaded(key), True) for key in [*KEYS, " ", "ü+%2F"]),
    *(("UploadRule", uploaded(key), False) for key in ("/", "folder/", "folder/folder/", "looks-like.zip/")),
    ("UploadRule", changed("object-created", bucket={"name": "somebody-else"}), False),
    *(
        ("UploadRule", event("object-created") | {"detail-type": kind}, False)
        for kind in ("Object Deleted", "Object Tags Added", "Object Restore Completed")
    ),
    *(("BuildRule", event(end), True) for end in ENDS),
    # Ends that AWS may yet name
    *(("BuildRule", changed("build-failed", **{"build-status": end}), True) for end in ("FAULT", "AN_END_OF_TOMORROW")),
    ("BuildRule", changed("build-succeeded", **{"build-status": "IN_PROGRESS"}), False),
    ("BuildRule", changed("build-succeeded", **{"project-name": "jwt-pizza-service-2"}), False),
    ("BuildRule", event("build-succeeded") | {"detail-type": "CodeBuild Build Phase Change"}, False),
    *(
        ("ParameterRule", changed("parameter-changed", operation=operation), True)
        for operation in ("Create", "Update", "Delete", "LabelParameterVersion")
    ),
    *(
        ("ParameterRule", changed("parameter-changed", name=name), False)
        for name in ("/other/image-uri", "/jwt-pizza-service/image-uri/x", "jwt-pizza-service/image-uri")
    ),
]


@pytest.mark.parametrize(("rule", "happened", "taken"), EVENTS)
def test_a_rule_takes_its_own_events_and_no_others(
    stack: Stack, rule: str, happened: dict[str, Any], taken: bool
) -> None:
    assert takes(stack, rule, happened) is taken


@pytest.mark.parametrize("file", ["object-created", *ENDS, "parameter-changed", "schedule"])
def test_no_event_is_taken_twice(stack: Stack, file: str) -> None:
    rules = [rule for rule, each in stack.all("AWS::Events::Rule").items() if "EventPattern" in each]

    assert sum(takes(stack, rule, event(file)) for rule in rules) == (file != "schedule")


def test_the_schedule_triggers_every_15_minutes(stack: Stack) -> None:
    assert stack.properties("Schedule")["ScheduleExpression"] == "rate(15 minutes)"
    assert timedelta(minutes=15) == SCHEDULE


# Targets


def test_each_rule_sends_the_whole_event_to_one_queue(stack: Stack) -> None:
    targets = {
        rule: [{name: value for name, value in each.items() if name != "Id"} for each in found["Targets"]]
        for rule, found in stack.all("AWS::Events::Rule").items()
    }

    kept = {"Arn": "UploadQueue.Arn", "DeadLetterConfig": {"Arn": "UploadDeadLetters.Arn"}}
    triggering = {"Arn": "TriggerQueue.Arn", "SqsParameters": {"MessageGroupId": "record"}}
    assert targets == {"UploadRule": [kept]} | {rule: [triggering] for rule in TRIGGERING}
    assert "FifoQueue" not in stack.properties("UploadDeadLetters")  # EventBridge refuses a FIFO queue here


# Queues


def test_what_somebody_may_still_need_is_kept_encrypted_for_14_days_and_triggers_given_up_for_an_hour(
    stack: Stack,
) -> None:
    queues = stack.all("AWS::SQS::Queue")

    assert all(each["SqsManagedSseEnabled"] is True for each in queues.values())
    assert {name: each["MessageRetentionPeriod"] for name, each in queues.items()} == {
        "UploadQueue": FOURTEEN_DAYS,
        "UploadDeadLetters": FOURTEEN_DAYS,
        "TriggerQueue": FOURTEEN_DAYS,
        "TriggerDeadLetters": AN_HOUR,  # while it holds a message, its alarm can't report another
    }


@pytest.mark.parametrize(
    ("queue", "letters"), [("UploadQueue", "UploadDeadLetters"), ("TriggerQueue", "TriggerDeadLetters")]
)
def test_each_queue_has_dead_letters_of_its_own_kind(stack: Stack, queue: str, letters: str) -> None:
    assert stack.properties(queue)["RedrivePolicy"]["deadLetterTargetArn"] == f"{letters}.Arn"
    assert stack.properties(queue).get("FifoQueue") == stack.properties(letters).get("FifoQueue")


def test_uploads_wait_five_hours_for_codebuild(stack: Stack) -> None:
    queue = stack.properties("UploadQueue")

    assert queue["RedrivePolicy"]["maxReceiveCount"] == 100
    assert queue["RedrivePolicy"]["maxReceiveCount"] * queue["VisibilityTimeout"] == 5 * 60 * 60


def test_the_trigger_queue_is_fifo_and_deduplicates_by_content(stack: Stack) -> None:
    queue = stack.properties("TriggerQueue")

    assert queue["FifoQueue"] is True
    assert queue["ContentBasedDeduplication"] is True
    assert "DeduplicationScope" not in queue
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5


def test_every_queue_that_a_rule_sends_to_has_a_policy(stack: Stack) -> None:
    covered = {queue for each in stack.all("AWS::SQS::QueuePolicy").values() for queue in each["Queues"]}

    assert covered == {"UploadQueue", "UploadDeadLetters", "TriggerQueue"}


@pytest.mark.parametrize("policy", ["UploadQueuePolicy", "TriggerQueuePolicy"])
def test_only_the_rules_that_target_a_queue_may_send_to_it(stack: Stack, policy: str) -> None:
    (statement,) = stack.properties(policy)["PolicyDocument"]["Statement"]
    queues = {f"{queue}.Arn" for queue in stack.properties(policy)["Queues"]}
    targeting = {
        f"{name}.Arn"
        for name, rule in stack.all("AWS::Events::Rule").items()
        for target in rule["Targets"]
        if target["Arn"] in queues
    }

    assert set(listed(statement["Resource"])) == queues
    assert statement["Effect"] == "Allow"
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Action"] == "sqs:SendMessage"
    assert set(listed(statement["Condition"]["ArnEquals"]["aws:SourceArn"])) == targeting
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}


# Functions


def test_the_two_functions_are_of_one_artifact(stack: Stack) -> None:
    functions = stack.functions()

    assert {name: each["Handler"] for name, each in functions.items()} == {
        "StartBuild": "start_build.handler",
        "RecordImage": "record_image.handler",
    }
    for function in functions.values():
        assert function["CodeUri"] == "functions/"
        assert function["Runtime"] == "python3.13"
        assert function["Architectures"] == ["arm64"]
        assert function["MemorySize"] == 512
        assert function["Timeout"] == 30
        assert "ReservedConcurrentExecutions" not in function  # new accounts can't
    for function in stack.named(FunctionArchitecture="x86_64").functions().values():
        assert function["Architectures"] == ["x86_64"]


def test_an_upload_that_waits_does_not_hold_up_its_batch(stack: Stack) -> None:
    (mapping,) = stack.function("StartBuild")["Events"].values()

    assert mapping == {
        "Type": "SQS",
        "Properties": {
            "Queue": "UploadQueue.Arn",
            "BatchSize": 10,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": 2},
        },
    }


def test_a_batch_of_triggers_is_recorded_at_once_and_fails_as_one(stack: Stack) -> None:
    (mapping,) = stack.function("RecordImage")["Events"].values()

    assert mapping == {"Type": "SQS", "Properties": {"Queue": "TriggerQueue.Arn", "BatchSize": 10}}


def test_a_message_comes_back_only_when_its_function_has_surely_ended(stack: Stack) -> None:
    for function in stack.functions().values():
        for mapping in function["Events"].values():
            queue = stack.properties(mapping["Properties"]["Queue"].removesuffix(".Arn"))

            assert queue["VisibilityTimeout"] == 180
            assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
