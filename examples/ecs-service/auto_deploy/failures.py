"""Why a deployment failed: how its last task ended, what the task printed, and which upload the image came from.

auto-deploy.yaml's function records this, and deploy.py prints it. Facts that can't be read are left out.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

type Facts = dict[str, str]
type Task = dict[str, Any]

BUILD_TAG = re.compile(r"build-\d{8}T\d{6}Z-[0-9A-F]+-[0-9a-f]{8}", re.ASCII)
LINES, LONGEST_LINE = 20, 300
TASK_FACTS = ("task", "exitCode", "container", "healthCheck")
BUILDS = 25  # per request, because the response has the whole buildspec of each build


@dataclass(frozen=True)
class Explanation:
    """The facts by name, in the order in which they are shown, and the last lines that the task printed."""

    facts: Facts
    lines: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """One fact per line, then the task's output, indented."""
        facts = [f"{name}: {value}" for name, value in self.facts.items()]
        output = ["", "The last lines of the task:", *(f"  {line}" for line in self.lines)] if self.lines else []
        return "\n".join([*facts, *output, ""])


def last_failed(tasks: list[Task]) -> Task | None:
    """The last task that failed. None if none did."""
    failed = [each for each in tasks if "stoppedAt" in each and not is_unwanted(each)]
    return max(failed, key=lambda each: each["stoppedAt"], default=None)


def is_unwanted(task: Task) -> bool:
    """Whether the task was stopped because it was no longer needed, for example after its deployment failed."""
    is_scaled_in = task.get("stoppedReason", "").startswith("Scaling activity initiated by")
    return is_scaled_in or task.get("stopCode") == "UserInitiated"


def explained(client: Any, task: Task, container: str, project: str) -> Explanation:
    """Why this task of a failed deployment stopped, and which upload its image came from.

    Args:
        client: returns a client for the name of an AWS service, like `boto3.client`.
        container: the name of the container with the recorded image.
        project: the CodeBuild project that built the image.
    """
    why, upload = ended(client, task, container), {}
    with as_far_as_readable():
        upload = upload_of(client("ecr"), client("codebuild"), why.facts.get("imageUri", ""), project)
    first = {name: why.facts[name] for name in TASK_FACTS if name in why.facts}
    return Explanation(first | {name: printable(value) for name, value in upload.items()} | why.facts, why.lines)


def ended(client: Any, task: Task, container: str) -> Explanation:
    """Why this task stopped, and what its container printed last."""
    found: dict[str, Any] = next((each for each in task["containers"] if each["name"] == container), {})
    facts = {
        "task": task.get("stoppedReason"),
        "exitCode": found.get("exitCode"),
        "container": found.get("reason"),
        "imageUri": found.get("image") or None,
    }
    lines: tuple[str, ...] = ()
    with as_far_as_readable():
        definition = container_of(client("ecs"), task, container)
        if is_unhealthy(task, found):
            facts["healthCheck"] = " ".join(definition.get("healthCheck", {}).get("command", ())) or None
        if log := log_of(definition, task):
            facts["log"] = " ".join(log)
            lines = last_lines(client("logs"), *log)
    return Explanation({name: printable(str(value)) for name, value in facts.items() if value is not None}, lines)


@contextmanager
def as_far_as_readable() -> Iterator[None]:
    """Leaves the block if AWS refuses or doesn't answer, so that what is already known is still reported."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        print(json.dumps({"message": "A fact about a failed deployment can't be read", "error": str(error)}))


def upload_of(ecr: Any, codebuild: Any, image: str, project: str) -> Facts:
    """The key, version and build tag of the upload that an image was built from, as far as they are known."""
    repository, _, digest = image.partition("/")[2].partition("@")
    asked = {"repositoryName": repository, "imageIds": [{"imageDigest": digest}]}
    images = ecr.describe_images(**asked)["imageDetails"] if digest else []
    tag = next((tag for each in images for tag in each.get("imageTags", []) if BUILD_TAG.fullmatch(tag)), None)
    if not tag:
        return {}
    # assumes: builds-newest-first
    ids = codebuild.list_builds_for_project(projectName=project)["ids"]  # 100
    for first in range(0, len(ids), BUILDS):
        for build in codebuild.batch_get_builds(ids=ids[first : first + BUILDS])["builds"]:
            given = {each["name"]: each["value"] for each in build["environment"].get("environmentVariables", [])}
            if given.get("IMAGE_TAG") == tag and given.keys() >= {"SOURCE_KEY", "SOURCE_VERSION_ID"}:
                return {"key": given["SOURCE_KEY"], "versionId": given["SOURCE_VERSION_ID"], "imageTag": tag}
    return {"imageTag": tag}


def is_unhealthy(task: Task, container: dict[str, Any]) -> bool:
    """Whether ECS stopped the task because of a health check, as far as the container's status doesn't deny it.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
    """
    return task.get("stopCode") == "ServiceSchedulerInitiated" and container.get("healthStatus") != "HEALTHY"


def container_of(ecs: Any, task: Task, container: str) -> dict[str, Any]:
    """The container in the task's definition. Empty if the definition has none of that name."""
    definition = ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])["taskDefinition"]
    return next((each for each in definition["containerDefinitions"] if each["name"] == container), {})


def log_of(container: dict[str, Any], task: Task) -> tuple[str, str] | None:
    """The log group and stream of the task's container. None if it doesn't log to CloudWatch with a stream prefix."""
    options = container.get("logConfiguration", {}).get("options", {})
    if not {"awslogs-group", "awslogs-stream-prefix"} <= options.keys():
        return None
    task_id = task["taskArn"].rpartition("/")[2]
    return options["awslogs-group"], f"{options['awslogs-stream-prefix']}/{container['name']}/{task_id}"


def last_lines(logs: Any, group: str, stream: str) -> tuple[str, ...]:
    """The last lines of a log stream, without control characters. Empty if the container never started."""
    try:
        found = logs.get_log_events(logGroupName=group, logStreamName=stream, limit=LINES, startFromHead=False)
    except logs.exceptions.ResourceNotFoundException:
        return ()
    lines = [line for each in found["events"] for line in each["message"].splitlines()]
    return tuple(printable(line)[:LONGEST_LINE] for line in lines[-LINES:])


def printable(text: str) -> str:
    """The text with `?` for each character that could control a terminal or an email program."""
    return "".join(each if each.isprintable() else " " if each == "\t" else "?" for each in text)
