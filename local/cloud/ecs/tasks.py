"""ECS: tasks that pull with their role, run on their platform and have health checks."""

import re
from contextvars import ContextVar
from typing import Any

import boto3
from docker import DockerClient
from docker.errors import DockerException
from ministack.core.responses import get_account_id, get_region
from ministack.services import ecs

from local.cloud.shared.container_health import health
from local.cloud.shared.live_settings import gateway, settings
from local.cloud.shared.replacing import Function, replaces
from local.cloud.shared.sessions import credentials

type Task = dict[str, Any]

UNHEALTHY = "Task failed container health checks"
SECOND = 1_000_000_000  # nanoseconds, in which Docker counts
login: ContextVar[dict[str, str] | None] = ContextVar("login", default=None)
"""The registry login of the task that is being started."""


@replaces(ecs, "_run_task")
def _(original: Function) -> Function:
    def run(data: dict[str, Any]) -> Any:
        """Names a service task's deployment in `startedBy`, instead of its service."""
        # assumes: stopped-tasks-listed
        return original(data | ({"startedBy": data["_deploymentId"]} if data.get("_deploymentId") else {}))

    return run


# --- Starting -------------------------------------------------------------------------------------------------------


@replaces(ecs, "_start_task_worker")
def _(original: Function) -> Function:
    def start(task: Task, definition: dict[str, Any], overrides: Any, docker: DockerClient) -> None:
        """Starts the task with the permissions of its execution role."""
        if role := definition.get("executionRoleArn"):
            containers = definition["containerDefinitions"]
            try:
                login.set(pulling_as(role, [each["image"] for each in containers]))
            except Exception as error:
                raise ecs._ImagePullError(str(error)) from error
            try:
                definition = {**definition, "containerDefinitions": [configured_as(role, each) for each in containers]}
            except Exception as error:
                raise ecs._SecretResolutionError(str(error)) from error
        original(task, definition, overrides, docker)

    return start


def client_as(role: str, service: str) -> Any:
    """A client for an AWS service with the credentials of a task's execution role."""
    session = credentials(role, "ecs-execution")
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=f"http://{gateway()}",
        region_name=get_region(),
        aws_access_key_id=session["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=session["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=session["AWS_SESSION_TOKEN"],
    )


def pulling_as(role: str, images: list[str]) -> dict[str, str]:
    """The registry login of a role. Sends, as that role, the ECR requests of a pull of these images."""
    ecr = client_as(role, "ecr")
    ecr.get_authorization_token()
    for image in images:
        registry, _, path = image.partition("/")
        if registry != gateway():
            continue
        name, _, digest = re.sub(r"^\d{12}/", "", path).partition("@")
        ecr.batch_get_image(repositoryName=name, imageIds=[{"imageDigest": digest}])
        ecr.get_download_url_for_layer(repositoryName=name, layerDigest=digest)
    return {"username": "AWS", "password": credentials(role, "ecs-execution")["AWS_SESSION_TOKEN"]}


def configured_as(role: str, container: dict[str, Any]) -> dict[str, Any]:
    """The container with the variables of its environment files. Reads those and its secrets as the role.

    Variables in the definition take precedence over the files.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html
    """
    from_files: dict[str, str] = {}
    for file in container.get("environmentFiles", []):
        bucket, _, key = file["value"].partition(":::")[2].partition("/")
        s3 = client_as(role, "s3")
        s3.get_bucket_location(Bucket=bucket)
        text = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        from_files |= {name: value for name, _, value in (line.partition("=") for line in lines)}
    for secret in {":".join(each["valueFrom"].split(":")[:7]) for each in container.get("secrets", [])}:
        client_as(role, "secretsmanager").get_secret_value(SecretId=secret)
    variables = from_files | {each["name"]: each["value"] for each in container.get("environment", [])}
    return {**container, "environment": [{"name": name, "value": value} for name, value in variables.items()]}


@replaces(ecs, "_resolve_repository_credentials")
def _(original: Function) -> Function:
    def resolve(container: dict[str, Any]) -> dict[str, str] | None:
        """The login of the task's role, unless the container has another."""
        return original(container) or login.get()

    return resolve


@replaces(ecs, "_build_run_kwargs")
def _(original: Function) -> Function:
    def arguments(container: dict[str, Any], *others: Any) -> dict[str, Any]:
        """Adds the definition's health check to the container, with ECS's defaults."""
        found: dict[str, Any] = original(container, *others)
        if check := container.get("healthCheck"):
            second = int(SECOND * settings().minute_seconds / 60)
            found["healthcheck"] = {
                "test": check["command"],
                "interval": int(check.get("interval", 30)) * second,
                "timeout": int(check.get("timeout", 5)) * SECOND,  # not scaled: a probe doesn't run faster
                "retries": int(check.get("retries", 3)),
                "start_period": int(check.get("startPeriod", 0)) * second,
            }
        return found

    return arguments


# --- Health ---------------------------------------------------------------------------------------------------------


@replaces(ecs, "_maybe_mark_stopped")
def _(original: Function) -> Function:
    def look(task: Task, docker: DockerClient | None = None) -> None:
        """Also updates the task's health: a service replaces an unhealthy task and counts a healthy one."""
        original(task, docker)
        if task["lastStatus"] != "RUNNING":
            return
        before = task["healthStatus"]
        note_health(task, docker or ecs._get_docker())
        cluster, service = ecs._cluster_name_from_arn(task["clusterArn"]), task["group"].removeprefix("service:")
        if task["healthStatus"] == before or service == task["group"]:
            return
        if task["healthStatus"] == "HEALTHY":
            ecs._schedule_service_deployment_completion(
                cluster, f"{cluster}/{service}", get_account_id(), get_region(), healthy_task=task
            )
        elif ecs._mark_task_stopped(task["taskArn"], task, UNHEALTHY, "ServiceSchedulerInitiated"):
            ecs._record_service_task_failure(task)
            ecs._cleanup_task_resources(task, docker)

    return look


def note_health(task: Task, docker: DockerClient) -> None:
    """Copies the containers' health from Docker to the task. Without a check it stays UNKNOWN."""
    for container, docker_id in zip(task["containers"], task["_docker_ids"], strict=False):
        try:
            state = docker.containers.get(docker_id).attrs["State"]
        except DockerException:
            continue  # no evidence
        if status := health(state):
            container["healthStatus"] = status
    found = {each["healthStatus"] for each in task["containers"]}
    task["healthStatus"] = next((each for each in ("UNHEALTHY", "HEALTHY") if each in found), "UNKNOWN")


def is_healthy(task: Task) -> bool:
    """Whether the task's health check has succeeded, if it has one."""
    definition = ecs._task_defs[ecs._resolve_td_key(task["taskDefinitionArn"])]
    is_checked = any("healthCheck" in each for each in definition["containerDefinitions"])
    return task["healthStatus"] == "HEALTHY" or not is_checked


@replaces(ecs, "_record_service_task_healthy")
def _(original: Function) -> Function:
    def record(service_key: str, task: Task) -> None:
        """Counts a task for its deployment once it is healthy, not once it runs."""
        if is_healthy(task):
            original(service_key, task)

    return record


@replaces(ecs, "_task_ip")
def _(original: Function) -> Function:
    def address(task: Task) -> str | None:
        """The task's address for the load balancer. None while it isn't healthy."""
        return original(task) if is_healthy(task) else None

    return address
