"""CodeBuild: builds that really run, one at a time on the shared engine, with overrides, queue, quota and events."""

import contextvars
import copy
import json
import os
import queue
import shutil
import threading
import time
import traceback
from typing import Any

import boto3
from ministack.core.lambda_runtime import execution_credentials
from ministack.core.responses import error_response_json, get_region, json_response
from ministack.services import codebuild
from ministack.services.cloudformation import provisioners

from local.cloud.answers import Answer
from local.cloud.buildspec import UnknownKeyError, parse
from local.cloud.events import emit, shape
from local.cloud.logs import LogStream
from local.cloud.replacing import Function, replaces
from local.cloud.runner import Run
from local.cloud.settings import folder, settings

HONOURED = {
    "projectName",
    "environmentVariablesOverride",
    "idempotencyToken",
    "timeoutInMinutesOverride",
    "queuedTimeoutInMinutesOverride",
}
TOKEN_SECONDS = 300
QUEUE_FACTOR = 5

lock = threading.Lock()
waiting: "queue.Queue[tuple[contextvars.Context, str]]" = queue.Queue()
running: dict[str, Run] = {}
tokens: dict[str, tuple[float, dict[str, Any], str]] = {}
"""When a token was used, with which request, for which build."""


def refused(code: str, text: str) -> Answer:
    """AWS's error of that name."""
    answer: Answer = error_response_json(code, text, 400)
    return answer


@replaces(provisioners, "_codebuild_project_create")
def _(original: Function) -> Function:
    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        """Keeps the log group and the queue's timeout of a project, which the emulator drops."""
        created = original(logical_id, properties, stack)
        keep(properties)
        return created

    provisioners._RESOURCE_HANDLERS["AWS::CodeBuild::Project"]["create"] = create
    return create


@replaces(provisioners, "_codebuild_project_update")
def _(original: Function) -> Function:
    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str) -> Any:
        """As create."""
        updated = original(physical_id, old, new, stack)
        keep(new)
        return updated

    provisioners._RESOURCE_HANDLERS["AWS::CodeBuild::Project"]["update"] = update
    return update


def keep(properties: dict[str, Any]) -> None:
    """Notes on the project what the emulator's own record leaves out."""
    project = codebuild._projects[properties["Name"]]
    project["logGroup"] = properties["LogsConfig"]["CloudWatchLogs"]["GroupName"]
    project["queuedTimeoutInMinutes"] = int(properties.get("QueuedTimeoutInMinutes", 480))


@replaces(codebuild, "_start_build")
def _(_: Function) -> Function:
    return start


def start(data: dict[str, Any]) -> Answer:
    """Queues a build, or answers with the one that the same token started in the last five minutes."""
    project = codebuild._projects.get(data.get("projectName", ""))
    if project is None:
        return refused("ResourceNotFoundException", f"Project cannot be found for name: {data.get('projectName')}")
    if unknown := sorted(data.keys() - HONOURED):
        return refused("InvalidInputException", f"The local cloud doesn't honour {', '.join(unknown)}.")
    with lock:
        token = data.get("idempotencyToken", "")
        used, request, build_id = tokens.get(token, (0.0, {}, ""))
        if token and time.time() - used < TOKEN_SECONDS:
            if request != data:
                return refused("InvalidInputException", "The token was used with other parameters.")
            return answer_with(codebuild._builds[build_id])
        quota = settings().concurrent_builds
        active = [each for each in codebuild._builds.values() if each["buildStatus"] == "IN_PROGRESS"]
        if len(active) >= quota * (1 + QUEUE_FACTOR):
            return refused("AccountLimitExceededException", f"Cannot have more than {quota} builds in queue")
        build = record(project, data)
        codebuild._builds[build["id"]] = build
        tokens[token] = (time.time(), data, build["id"])
    tell(build)
    waiting.put((contextvars.copy_context(), build["id"]))
    return answer_with(build)


def answer_with(build: dict[str, Any]) -> Answer:
    """The answer that gives a build."""
    answer: Answer = json_response({"build": copy.deepcopy(build)})
    return answer


def record(project: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """A new build's record, as BatchGetBuilds gives it, with the request's overrides in place of the project's values."""
    build: dict[str, Any] = codebuild._make_build_record(project, codebuild._build_id(project["name"]))
    now = int(time.time())
    environment = copy.deepcopy(project["environment"])
    overrides = data.get("environmentVariablesOverride", [])
    names = {each["name"] for each in overrides}
    own = [each for each in environment.get("environmentVariables", []) if each["name"] not in names]
    environment["environmentVariables"] = [{"type": "PLAINTEXT", **each} for each in own + overrides]
    del build["endTime"]
    del build["sourceVersion"]
    return build | {
        "startTime": now,
        "buildStatus": "IN_PROGRESS",
        "currentPhase": "QUEUED",
        "buildComplete": False,
        "environment": environment,
        "serviceRole": project["serviceRole"],
        "timeoutInMinutes": data.get("timeoutInMinutesOverride", project["timeoutInMinutes"]),
        "queuedTimeoutInMinutes": data.get("queuedTimeoutInMinutesOverride", project["queuedTimeoutInMinutes"]),
        "logs": {"groupName": project["logGroup"], "streamName": build["id"].rpartition(":")[2]},
        "phases": [
            {"phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED", "startTime": now, "endTime": now},
            {"phaseType": "QUEUED", "startTime": now},
        ],
    }


@replaces(codebuild, "_stop_build")
def _(_: Function) -> Function:
    return stop


def stop(data: dict[str, Any]) -> Answer:
    """Ends a build that runs or waits."""
    build_id = data["id"].rpartition("build/")[2]
    build = codebuild._builds.get(build_id)
    if build is None:
        return refused("ResourceNotFoundException", f"Build cannot be found: {data['id']}")
    with lock:
        if run := running.get(build_id):
            run.stop.set()
        elif build["buildStatus"] == "IN_PROGRESS":
            end(build, "STOPPED")
    return answer_with(build)


@replaces(codebuild, "_list_builds_for_project")
def _(original: Function) -> Function:
    def list_builds(data: dict[str, Any]) -> Answer:
        """Lists in the order in which builds were started; the emulator goes by seconds."""
        answer: Answer = original(data)
        if answer[0] == 200 and data.get("sortOrder", "DESCENDING") == "DESCENDING":
            ids = [each["id"] for each in codebuild._builds.values() if each["projectName"] == data["projectName"]]
            answer = json_response({"ids": ids[::-1]})
        return answer

    return list_builds


def work() -> None:
    """Runs what waits, one build after the other, for ever: they share one engine and its local tags."""
    while True:
        context, build_id = waiting.get()
        context.run(run_build, build_id)


def run_build(build_id: str) -> None:
    """Runs one build and sees to its end, whatever happens."""
    build = codebuild._builds[build_id]
    with lock:
        if build["buildStatus"] != "IN_PROGRESS":
            return  # stopped while it waited
        seconds = build["timeoutInMinutes"] * settings().minute_seconds
        waited = time.time() - build["startTime"]
        if waited > build["queuedTimeoutInMinutes"] * settings().minute_seconds:
            end(build, "TIMED_OUT")
            return
        uuid = build["logs"]["streamName"]
        environment = environment_of(build)
        running[build_id] = run = Run(folder() / "builds" / uuid, environment, log_of(build, environment), seconds)
    try:
        begin(build, "PROVISIONING")
        try:
            phase = parse(build["source"]["buildspec"])
        except UnknownKeyError as error:
            begin(build, "DOWNLOAD_SOURCE")
            end(build, "FAILED", f"YAML_FILE_ERROR: {error}")
            return
        begin(build, phase.name.upper())
        status, context = run.phase(phase)
        run.log.close()
        end(build, status, context and f"COMMAND_EXECUTION_ERROR: {context}")
    except Exception:
        traceback.print_exc()  # to the emulator's log, which a failing test shows
        end(build, "FAULT")
    finally:
        del running[build_id]
        shutil.rmtree(run.folder, ignore_errors=True)


def environment_of(build: dict[str, Any]) -> dict[str, str]:
    """The environment in which the build's commands run: nothing of the caller's but the engine and PATH."""
    role = {
        "Role": build["serviceRole"],
        "FunctionArn": build["arn"],
        "FunctionName": f"AWSCodeBuild-{build['logs']['streamName']}",
    }
    return {
        **{name: os.environ[name] for name in ("PATH", "DOCKER_HOST", "DOCKER_CONFIG") if name in os.environ},
        **execution_credentials(role),
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        "AWS_REGION": get_region(),
        "AWS_DEFAULT_REGION": get_region(),
        "CODEBUILD_BUILD_ARN": build["arn"],
        "CODEBUILD_BUILD_ID": build["id"],
        "CODEBUILD_BUILD_SUCCEEDING": "1",
        **{each["name"]: each["value"] for each in build["environment"]["environmentVariables"]},
    }


def log_of(build: dict[str, Any], environment: dict[str, str]) -> LogStream:
    """The build's log stream, open for writing."""
    client = boto3.client(
        "logs",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=environment["AWS_SESSION_TOKEN"],
    )
    return LogStream(client, build["logs"]["groupName"], build["logs"]["streamName"])


def begin(build: dict[str, Any], phase: str) -> None:
    """Ends the phase that runs, with success, and begins the next."""
    now = int(time.time())
    build["phases"][-1] |= {"phaseStatus": "SUCCEEDED", "endTime": now}
    build["phases"].append({"phaseType": phase, "startTime": now})
    build["currentPhase"] = phase


def end(build: dict[str, Any], status: str, context: str = "") -> None:
    """Ends the phase that runs, and the build, with this status; then tells the bus."""
    now = int(time.time())
    code, _, message = context.partition(": ")
    build["phases"][-1] |= {"phaseStatus": status, "endTime": now, "contexts": [{"statusCode": code, "message": message}]}
    build["phases"].append({"phaseType": "COMPLETED", "startTime": now})
    build |= {"buildStatus": status, "currentPhase": "COMPLETED", "buildComplete": True, "endTime": now}
    tell(build)


def tell(build: dict[str, Any]) -> None:
    """Emits CodeBuild's event of the build's state, in the event files' shape."""
    if not settings().build_events:
        return
    event = shape("build-succeeded")
    detail = event["detail"]
    event["resources"] = [build["arn"]]
    detail |= {
        "build-status": build["buildStatus"],
        "project-name": build["projectName"],
        "build-id": build["arn"],
        "current-phase": build["currentPhase"],
    }
    detail["additional-information"] |= {
        "build-complete": build["buildComplete"],
        "build-start-time": time.strftime("%b %d, %Y %-I:%M:%S %p", time.gmtime(build["startTime"])),
        "build-number": float(build["buildNumber"]),
        "timeout-in-minutes": float(build["timeoutInMinutes"]),
        "phases": [each for each in json.loads(json.dumps(detail["additional-information"]["phases"]))],
    }
    emit(event)


def begin_work() -> None:
    """Starts the one worker."""
    threading.Thread(target=work, daemon=True).start()
