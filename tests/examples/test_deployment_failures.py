"""The reason why a deployment failed: its task, the task's output and the image's upload."""

from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from tests.examples.support.loading import loaded

DIGEST = f"sha256:{'2' * 64}"
IMAGE = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/app@{DIGEST}"
TAG = "build-20261120T101530Z-6B001DC29329D189-225d2c00"
STREAM = "service/service/0123abcd"
TASK: dict[str, Any] = {
    "taskArn": "arn:aws:ecs:us-east-1:123456789012:task/app/0123abcd",
    "taskDefinitionArn": "arn:aws:ecs:us-east-1:123456789012:task-definition/app:7",
    "stoppedReason": "Essential container in task exited",
    "containers": [{"name": "service", "image": IMAGE, "exitCode": 3}],
}
LOGGED = {
    "name": "service",
    "logConfiguration": {
        "logDriver": "awslogs",
        "options": {"awslogs-group": "the-group", "awslogs-stream-prefix": "service"},
    },
}


@cache
def clients() -> dict[str, Any]:
    """AWS's clients, which take a while to make."""
    return {name: boto3.client(name) for name in ("ecr", "codebuild", "ecs", "logs")}


class Cloud:
    """AWS, which answers what a test says it does, and nothing else."""

    def __init__(self) -> None:
        self.clients = clients()
        self.stubs = {name: Stubber(client) for name, client in self.clients.items()}
        for stub in self.stubs.values():
            stub.activate()

    def answers(self, service: str, operation: str, answer: dict[str, Any], **asked: Any) -> None:
        """The next answer of a service."""
        self.stubs[service].add_response(operation, answer, asked)

    def refuses(self, service: str, operation: str, code: str) -> None:
        """The next answer of a service is an error."""
        self.stubs[service].add_client_error(operation, code)

    def knows_the_image(self) -> None:
        """ECR has the build tag of the image."""
        asked = {"repositoryName": "app", "imageIds": [{"imageDigest": DIGEST}]}
        answer = {"imageDetails": [{"imageTags": ["latest", f"settled-{TAG}", TAG]}]}
        self.answers("ecr", "describe_images", answer, **asked)

    def knows_the_builds(self, *builds: dict[str, str]) -> None:
        """CodeBuild has these builds, the newest first, by their variables."""
        ids = [f"app:{number}" for number in range(len(builds))]
        self.answers("codebuild", "list_builds_for_project", {"ids": ids}, projectName="app")
        for first in range(0, len(ids), 25):
            found = [
                {"environment": {**MACHINE, "environmentVariables": [{"name": n, "value": v} for n, v in each.items()]}}
                for each in builds[first : first + 25]
            ]
            self.answers("codebuild", "batch_get_builds", {"builds": found}, ids=ids[first : first + 25])

    def logs_to(self, *containers: dict[str, Any]) -> None:
        """The task's definition."""
        asked = {"taskDefinition": TASK["taskDefinitionArn"]}
        answer = {"taskDefinition": {"containerDefinitions": list(containers)}}
        self.answers("ecs", "describe_task_definition", answer, **asked)

    def printed(self, *lines: str) -> None:
        """The end of the task's log stream."""
        asked = {"logGroupName": "the-group", "logStreamName": STREAM, "limit": ANY, "startFromHead": False}
        self.answers("logs", "get_log_events", {"events": [{"message": line} for line in lines]}, **asked)


MACHINE = {"type": "ARM_CONTAINER", "image": "image", "computeType": "BUILD_GENERAL1_SMALL"}
UPLOAD = {"SOURCE_KEY": '"page \\u00e9.zip"', "SOURCE_VERSION_ID": "v1", "IMAGE_TAG": TAG}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """AWS, of which each answer is asked for."""
    cloud = Cloud()
    yield cloud
    for stub in cloud.stubs.values():
        stub.deactivate()
        stub.assert_no_pending_responses()


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, as the function loads it."""
    return loaded(monkeypatch, "failures", "auto_deploy")


def told(failures: ModuleType, cloud: Cloud, task: dict[str, Any] = TASK) -> str:
    """The facts reported about the task."""
    text: str = failures.explained(cloud.clients.__getitem__, task, "service", "app").text
    return text


def test_it_names_the_exit_code_the_upload_and_the_last_lines(failures: ModuleType, cloud: Cloud) -> None:
    cloud.knows_the_image()
    cloud.knows_the_builds({}, UPLOAD | {"IMAGE_TAG": "build-of-another"}, {"IMAGE_TAG": TAG}, UPLOAD)
    cloud.logs_to({"name": "sidecar"}, LOGGED)
    cloud.printed("Starting", "No DATABASE_URL.")

    assert told(failures, cloud) == (
        "task: Essential container in task exited\n"
        "exitCode: 3\n"
        'key: "page \\u00e9.zip"\n'
        "versionId: v1\n"
        f"imageTag: {TAG}\n"
        f"imageUri: {IMAGE}\n"
        f"log: the-group {STREAM}\n"
        "\n"
        "The last lines of the task:\n"
        "  Starting\n"
        "  No DATABASE_URL.\n"
    )


CHECKED = {"name": "service", "healthCheck": {"command": ["CMD-SHELL", "wget -q http://127.0.0.1/health || exit 1"]}}


@pytest.mark.parametrize(
    ("stop_code", "status", "is_named"),
    [
        ("ServiceSchedulerInitiated", "UNHEALTHY", True),
        ("ServiceSchedulerInitiated", "UNKNOWN", True),
        ("ServiceSchedulerInitiated", "HEALTHY", False),
        ("EssentialContainerExited", "UNKNOWN", False),
    ],
)
def test_it_names_the_health_check_of_a_task_that_ecs_stopped_unless_its_container_is_healthy(
    failures: ModuleType, cloud: Cloud, stop_code: str, status: str, is_named: bool
) -> None:
    cloud.knows_the_image()
    cloud.knows_the_builds(UPLOAD)
    cloud.logs_to(CHECKED)
    (container,) = TASK["containers"]
    task = TASK | {"stopCode": stop_code, "containers": [container | {"healthStatus": status}]}

    line = "healthCheck: CMD-SHELL wget -q http://127.0.0.1/health || exit 1\n"
    assert (line in told(failures, cloud, task)) == is_named


def test_an_upload_is_found_among_many_builds(failures: ModuleType, cloud: Cloud) -> None:
    cloud.knows_the_image()
    cloud.knows_the_builds(*[{}] * 60, UPLOAD)
    cloud.logs_to({"name": "service"})

    assert "versionId: v1\n" in told(failures, cloud)


def test_an_image_that_was_built_elsewhere_is_named_by_its_build_tag(failures: ModuleType, cloud: Cloud) -> None:
    cloud.knows_the_image()
    cloud.knows_the_builds({})
    cloud.logs_to({"name": "service"})

    text = told(failures, cloud)

    assert f"exitCode: 3\nimageTag: {TAG}\nimageUri: {IMAGE}\n" in text


def test_what_a_terminal_would_obey_is_not_told(failures: ModuleType, cloud: Cloud) -> None:
    cloud.knows_the_image()
    cloud.knows_the_builds(UPLOAD)
    cloud.logs_to(LOGGED)
    cloud.printed("\x1b[2J\x1b]0;owned\x07gone\rby\u202e right\tto left", "x" * 1000)

    text = told(failures, cloud)

    assert "  ?[2J?]0;owned?gone\n  by? right to left\n" in text
    assert max(map(len, text.splitlines())) < 400
    assert all(each.isprintable() for each in text.splitlines())


def test_the_last_twenty_lines_are_told(failures: ModuleType, cloud: Cloud) -> None:
    cloud.knows_the_image()
    cloud.knows_the_builds(UPLOAD)
    cloud.logs_to(LOGGED)
    cloud.printed(*(f"line {number}" for number in range(15)), "\n".join(f"more {number}" for number in range(10)))

    _, _, lines = told(failures, cloud).partition("The last lines of the task:\n")

    assert len(lines.splitlines()) == 20
    assert (lines.startswith("  line 5\n"), lines.endswith("  more 9\n")) == (True, True)


def test_without_permissions_the_rest_is_told(
    failures: ModuleType, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.refuses("ecr", "describe_images", "AccessDeniedException")
    cloud.logs_to(LOGGED)
    cloud.refuses("logs", "get_log_events", "AccessDeniedException")

    text = told(failures, cloud)

    assert f"exitCode: 3\nimageUri: {IMAGE}\nlog: the-group {STREAM}\n" in text
    assert capsys.readouterr().out.count("AccessDeniedException") == 2


def test_a_task_that_never_started_has_no_lines(failures: ModuleType, cloud: Cloud) -> None:
    reason = f"CannotPullContainerError: {IMAGE}: not found"
    task = TASK | {"stoppedReason": reason, "containers": [{"name": "service", "image": IMAGE, "reason": "no\nimage"}]}
    cloud.refuses("ecr", "describe_images", "ImageNotFoundException")
    cloud.logs_to(LOGGED)
    cloud.refuses("logs", "get_log_events", "ResourceNotFoundException")

    assert told(failures, cloud, task) == (
        f"task: {reason}\ncontainer: no?image\nimageUri: {IMAGE}\nlog: the-group {STREAM}\n"
    )


@pytest.mark.parametrize(
    "unwanted",
    [
        {"stopCode": "ServiceSchedulerInitiated", "stoppedReason": "Scaling activity initiated by (deployment a)"},
        {"stopCode": "UserInitiated", "stoppedReason": "Stopped by hand"},
    ],
    ids=["by ECS", "by somebody"],
)
def test_a_task_that_was_stopped_because_it_was_not_wanted_did_not_fail(
    failures: ModuleType, unwanted: dict[str, str]
) -> None:
    failed = TASK | {"stoppedAt": 1, "stopCode": "EssentialContainerExited"}
    later = TASK | {"stoppedAt": 2} | unwanted
    running = {key: value for key, value in TASK.items() if key != "stoppedReason"}

    assert failures.last_failed([later, failed, running]) == failed
    assert failures.last_failed([later, running]) is None


def test_a_task_without_the_container_is_told_without_an_image(failures: ModuleType, cloud: Cloud) -> None:
    cloud.logs_to({"name": "web"})

    assert told(failures, cloud, TASK | {"containers": []}) == "task: Essential container in task exited\n"
