"""What makes an ECS service follow the parameter: the task definition that it registers, the email that it sends."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from tests.examples.support.loading import loaded
from tests.support.stack import event

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import TagTypeDef

NAME = "jwt-pizza-service"
PARAMETER = f"/{NAME}/image-uri"
REPOSITORY = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{NAME}"
OLD, NEW = (f"{REPOSITORY}@sha256:{digit * 64}" for digit in "12")
CHANGED = {"source": "aws.ssm"}
RECORDED = {"source": "source-to-ecr"}
FAILED = event("deployment-failed")
DEFINITION: dict[str, Any] = {
    "family": NAME,
    "requiresCompatibilities": ["FARGATE"],
    "networkMode": "awsvpc",
    "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
    "cpu": "256",
    "memory": "512",
    "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
    "containerDefinitions": [
        {"name": "sidecar", "image": "public.ecr.aws/sidecar:1", "essential": False},
        {
            "name": "service",
            "image": OLD,
            "environment": [{"name": "A", "value": "1"}],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {"awslogs-group": "/a/group", "awslogs-stream-prefix": "service"},
            },
        },
    ],
}


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A service that runs the old image, which the parameter names, and a topic with a subscriber."""
    with mock_aws():
        ecs, sns = boto3.client("ecs"), boto3.client("sns")
        ecs.create_cluster(clusterName=NAME)
        ecs.register_task_definition(**DEFINITION)
        ecs.create_service(cluster=NAME, serviceName=NAME, taskDefinition=NAME, desiredCount=1)
        topic = sns.create_topic(Name="news")["TopicArn"]
        boto3.client("sqs").create_queue(QueueName="mails")
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:mails")
        named = {"CLUSTER": NAME, "SERVICE": NAME, "CONTAINER": "service", "PARAMETER": PARAMETER, "TOPIC": topic}
        named["PROJECT"] = NAME
        for name, value in named.items():
            monkeypatch.setenv(name, value)
        record(OLD)
        yield


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The function, as Lambda loads it."""
    return loaded(monkeypatch, "follow", "auto_deploy")


def record(uri: str) -> None:
    """Has the parameter name this."""
    boto3.client("ssm").put_parameter(Name=PARAMETER, Value=uri, Type="String", Overwrite=True)


def handle(function: ModuleType, *happened: dict[str, Any], times: int = 1) -> list[dict[str, Any]]:
    """Gives it these events, as one batch of its queue, for the first time or again; those that come again."""
    records = [
        {"messageId": str(number), "body": json.dumps(each), "attributes": {"ApproximateReceiveCount": str(times)}}
        for number, each in enumerate(happened)
    ]
    answer = function.handler({"Records": records}, None)
    return [happened[int(each["itemIdentifier"])] for each in answer["batchItemFailures"]]


def running() -> dict[str, Any]:
    """The task definition that the service has."""
    ecs = boto3.client("ecs")
    (service,) = ecs.describe_services(cluster=NAME, services=[NAME])["services"]
    found: Any = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    return dict(found)


def image() -> str:
    """The image that the service runs."""
    found: str = running()["containerDefinitions"][1]["image"]
    return found


def roll_back() -> None:
    """Does what ECS does with a deployment that failed."""
    boto3.client("ecs").update_service(cluster=NAME, service=NAME, taskDefinition=f"{NAME}:1")


def stopped(
    reason: str, deployment: str, definition: str, *, minute: int, exit_code: int | None = None
) -> dict[str, Any]:
    """A task that has stopped."""
    container = {"name": "service", "image": NEW} | ({} if exit_code is None else {"exitCode": exit_code})
    return {
        "taskArn": f"arn:aws:ecs:us-east-1:123456789012:task/{NAME}/{reason}",
        "taskDefinitionArn": definition,
        "startedBy": deployment,
        "stoppedAt": datetime(2026, 11, 20, 12, minute, tzinfo=UTC),
        "stoppedReason": reason,
        "containers": [container],
    }


def mails() -> list[dict[str, str]]:
    """What the topic was told."""
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="mails")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]


@pytest.mark.parametrize("happened", [CHANGED, RECORDED], ids=["changed", "recorded"])
def test_the_service_gets_its_own_task_definition_with_the_image_that_the_parameter_names(
    function: ModuleType, happened: dict[str, Any]
) -> None:
    before = running()
    record(NEW)

    handle(function, happened)

    after = running()
    assert after["revision"] == before["revision"] + 1
    assert [each["image"] for each in after["containerDefinitions"]] == ["public.ecr.aws/sidecar:1", NEW]
    for kept in DEFINITION.keys() - {"containerDefinitions"}:
        assert after[kept] == before[kept], kept
    assert after["containerDefinitions"][1]["environment"] == [{"name": "A", "value": "1"}]


def test_a_recording_that_comes_as_two_events_is_deployed_once(function: ModuleType) -> None:
    record(NEW)

    handle(function, RECORDED, CHANGED)
    handle(function, CHANGED)  # what runs already isn't deployed again

    assert running()["revision"] == 2


def test_a_recording_that_is_told_again_after_its_image_failed_is_not_deployed_again(function: ModuleType) -> None:
    record(NEW)
    handle(function, RECORDED)
    roll_back()

    handle(function, RECORDED)

    assert image() == OLD


@pytest.mark.parametrize(
    ("happened", "times"), [(CHANGED, 1), ({"source": "by hand"}, 1), (RECORDED, 2)], ids=["changed", "asked", "again"]
)
def test_what_failed_is_deployed_again_if_somebody_asks_or_if_it_could_not_be_done(
    function: ModuleType, happened: dict[str, Any], times: int
) -> None:
    record(NEW)
    handle(function, RECORDED)
    roll_back()

    handle(function, happened, times=times)

    assert image() == NEW


def test_the_tags_of_the_task_definition_stay_except_those_that_only_aws_may_set(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ecs = boto3.client("ecs")
    own: TagTypeDef = {"key": "team", "value": "pizza"}
    tagged = ecs.register_task_definition(
        **DEFINITION, tags=[own, {"key": "aws:cloudformation:stack-id", "value": "1"}]
    )
    ecs.update_service(cluster=NAME, service=NAME, taskDefinition=tagged["taskDefinition"]["taskDefinitionArn"])
    record(NEW)

    assert handle(function, RECORDED) == []

    after = ecs.describe_task_definition(taskDefinition=running()["taskDefinitionArn"], include=["TAGS"])
    assert (image(), after["tags"]) == (NEW, [own])


def test_a_deployment_that_failed_is_told_and_not_deployed_again(function: ModuleType) -> None:
    record(NEW)

    handle(function, FAILED)

    (mail,) = mails()
    assert mail["Subject"] == f"{NAME}: not deployed"
    assert f"reason: {FAILED['detail']['reason']}\n" in mail["Message"]
    assert running()["revision"] == 1
    handle(function, FAILED, CHANGED)  # a change beside a failure is deployed
    assert len(mails()) == 1
    assert running()["revision"] == 2


def test_a_failure_that_cannot_be_published_comes_again_alone_and_deploys_nothing(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The topic is gone. ECS gives the new image up before the message comes again, ten times in all."""
    monkeypatch.setenv("TOPIC", "arn:aws:sns:us-east-1:123456789012:gone")
    record(NEW)

    waiting = handle(function, FAILED, RECORDED)

    assert image() == NEW
    roll_back()
    for times in range(2, 11):
        assert waiting == [FAILED]
        waiting = handle(function, *waiting, times=times)
        assert image() == OLD


def test_a_recording_that_could_not_be_deployed_comes_again_alone(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = function.ecs.update_service
    monkeypatch.setattr(function.ecs, "update_service", lambda **_: 1 / 0)  # after the revision was registered
    record(NEW)
    assert handle(function, FAILED, RECORDED) == [RECORDED]
    monkeypatch.setattr(function.ecs, "update_service", update)

    assert handle(function, RECORDED, times=2) == []

    assert (image(), len(mails())) == (NEW, 1)


def test_the_mail_has_the_words_of_the_deployment_s_task_that_stopped_last(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment, arn = FAILED["detail"]["deploymentId"], running()["taskDefinitionArn"]
    tasks = [
        stopped("first", deployment, arn, minute=1),
        stopped("last", deployment, arn, minute=2, exit_code=3),
        stopped(f"Scaling activity initiated by (deployment {deployment})", deployment, arn, minute=3),  # by ECS
        stopped("another deployment's", "ecs-svc/0", arn, minute=3),
        {key: value for key, value in stopped("stopping", deployment, arn, minute=4).items() if key != "stoppedAt"},
    ]
    monkeypatch.setattr(function.ecs, "list_tasks", lambda **_: {"taskArns": [task["taskArn"] for task in tasks]})
    monkeypatch.setattr(function.ecs, "describe_tasks", lambda **_: {"tasks": tasks})

    handle(function, FAILED)

    (mail,) = mails()
    assert "task: last\nexitCode: 3\n" in mail["Message"]
    assert f"imageUri: {NEW}\nlog: /a/group service/service/last\n" in mail["Message"]


def test_a_container_of_another_name_is_told_by_the_names_that_are_there(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(function, "CONTAINER", "web")
    record(NEW)

    assert handle(function, CHANGED) == [CHANGED]

    assert "no container web, but sidecar, service." in capsys.readouterr().out


@pytest.mark.parametrize("missing", ["service", "cluster"])
def test_a_deleted_service_is_named(function: ModuleType, capsys: pytest.CaptureFixture[str], missing: str) -> None:
    ecs = boto3.client("ecs")
    ecs.delete_service(cluster=NAME, service=NAME, force=True)
    if missing == "cluster":
        ecs.delete_cluster(cluster=NAME)
    record(NEW)

    assert handle(function, RECORDED) == [RECORDED]

    assert f"The cluster {NAME} has no service {NAME}." in capsys.readouterr().out


def test_without_a_parameter_the_event_comes_again(function: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    boto3.client("ssm").delete_parameter(Name=PARAMETER)

    assert handle(function, CHANGED) == [CHANGED]

    assert "ParameterNotFound" in capsys.readouterr().out


def test_after_a_failed_update_of_its_stack_the_service_gets_the_healthy_image_back_from_the_parameter(
    function: ModuleType,
) -> None:
    """OLD is CloudFormation's, HEALTHY auto-deploy's; FAILING was given up; then deploy.sh tried FAILING again."""
    ecs = boto3.client("ecs")
    healthy, failing = (OLD.replace("1" * 64, letter * 64) for letter in "ab")
    record(healthy)
    handle(function, RECORDED)
    good = running()["taskDefinitionArn"]
    record(failing)
    handle(function, RECORDED)
    ecs.update_service(cluster=NAME, service=NAME, taskDefinition=good)  # ECS's circuit breaker
    roll_back()  # CloudFormation puts back its own last revision

    record(healthy)  # the command that deploy.sh prints
    handle(function, CHANGED)

    assert image() == healthy
