"""CodeBuild: runs builds, one at a time on the shared engine, with overrides, a queue, a quota and events."""

import atexit
import contextvars
import copy
import queue
import shutil
import threading
import time
import traceback
from typing import Any

from ministack.core.responses import json_response
from ministack.services import codebuild
from ministack.services.cloudformation import provisioners

from local.cloud.builds import build_record
from local.cloud.builds.build_environment import LogRefusedError, environment_of, folder_of, log_of
from local.cloud.builds.build_record import Build
from local.cloud.builds.buildspec import UnknownKeyError, parse
from local.cloud.builds.runner import Run
from local.cloud.shared.answers import Answer, refused
from local.cloud.shared.events import emit
from local.cloud.shared.live_settings import settings
from local.cloud.shared.replacing import Function, replaces

HONORED = {
    "projectName",
    "environmentVariablesOverride",
    "idempotencyToken",
    "timeoutInMinutesOverride",
    "queuedTimeoutInMinutesOverride",
}
TOKEN_SECONDS = 300
# assumes: quota-refusal
QUEUE_FACTOR = 5


lock = threading.Lock()
waiting: "queue.Queue[tuple[contextvars.Context, str]]" = queue.Queue()
running: dict[str, Run] = {}
tokens: dict[str, tuple[float, dict[str, Any], str]] = {}
"""By token: the time, the request and the build."""


def keep(properties: dict[str, Any]) -> None:
    """Adds to the project's record what the emulator leaves out: the log group and the queue timeout."""
    project = codebuild._projects[properties["Name"]]
    project["logGroup"] = properties["LogsConfig"]["CloudWatchLogs"]["GroupName"]
    project["queuedTimeoutInMinutes"] = int(properties.get("QueuedTimeoutInMinutes", 480))


@replaces(provisioners, "_codebuild_project_create")
def _(original: Function) -> Function:
    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        """Creates the project."""
        created = original(logical_id, properties, stack)
        keep(properties)
        return created

    return create


@replaces(provisioners, "_codebuild_project_update")
def _(original: Function) -> Function:
    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str) -> Any:
        """Updates the project."""
        updated = original(physical_id, old, new, stack)
        keep(new)
        return updated

    return update


# The emulator's table refers to the functions directly.
provisioners._RESOURCE_HANDLERS["AWS::CodeBuild::Project"] |= {
    "create": provisioners._codebuild_project_create,
    "update": provisioners._codebuild_project_update,
}


def answer_with(build: Build) -> Answer:
    """The response with a build."""
    answer: Answer = json_response({"build": copy.deepcopy(build)})
    return answer


def publish_state(build: Build) -> None:
    """Emits the event about the build's state."""
    if settings().build_events:
        emit(build_record.event(build))


def start(request: dict[str, Any]) -> Answer:
    """Queues a build, or returns the one that the same token started in the last five minutes."""
    project = codebuild._projects.get(request.get("projectName", ""))
    if project is None:
        return refused("ResourceNotFoundException", f"Project cannot be found for name: {request.get('projectName')}")
    if unknown := sorted(request.keys() - HONORED):
        return refused("InvalidInputException", f"The local cloud doesn't support {', '.join(unknown)}.")
    with lock:
        token = request.get("idempotencyToken", "")
        used, before, build_id = tokens.get(token, (0.0, {}, ""))
        if token and time.time() - used < TOKEN_SECONDS:
            if before != request:
                return refused("InvalidInputException", "The token was used with other parameters.")
            return answer_with(codebuild._builds[build_id])
        quota = settings().concurrent_builds
        active = [each for each in codebuild._builds.values() if each["buildStatus"] == "IN_PROGRESS"]
        if len(active) >= quota * (1 + QUEUE_FACTOR):
            return refused("AccountLimitExceededException", f"Cannot have more than {quota} active builds")
        build = build_record.new(project, request)
        codebuild._builds[build["id"]] = build
        tokens[token] = (time.time(), request, build["id"])
    publish_state(build)
    waiting.put((contextvars.copy_context(), build["id"]))
    return answer_with(build)


replaces(codebuild, "_start_build")(lambda _: start)


def stop(request: dict[str, Any]) -> Answer:
    """Stops a running or waiting build."""
    build = codebuild._builds.get(request["id"].rpartition("build/")[2])
    if build is None:
        return refused("ResourceNotFoundException", f"Build cannot be found: {request['id']}")
    with lock:
        if run := running.get(build["id"]):
            run.stop.set()
        elif build["buildStatus"] == "IN_PROGRESS":
            build_record.end(build, "STOPPED")
            publish_state(build)
    return answer_with(build)


replaces(codebuild, "_stop_build")(lambda _: stop)


@replaces(codebuild, "_list_builds_for_project")
def _(original: Function) -> Function:
    def list_builds(request: dict[str, Any]) -> Answer:
        """Lists the newest first, in starting order; the emulator compares whole seconds."""
        answer: Answer = original(request)
        if answer[0] != 200:
            return answer
        # assumes: builds-newest-first
        ids = [each["id"] for each in codebuild._builds.values() if each["projectName"] == request["projectName"]]
        newest_first: Answer = json_response({"ids": ids[::-1]})
        return newest_first

    return list_builds


def begin_work() -> None:
    """Starts the only worker. Its builds end with this process."""
    atexit.register(end_work)
    threading.Thread(target=work, daemon=True).start()


def end_work() -> None:
    """Ends the running commands."""
    for run in [*running.values()]:
        run.end()


def work() -> None:
    """Runs waiting builds forever, one at a time: they share one engine and its local tags."""
    while True:
        context, build_id = waiting.get()
        context.run(run_build, codebuild._builds, build_id)


def run_build(known: dict[str, Build], build_id: str) -> None:
    """Runs one build, which gets a final status whatever happens."""
    build = known[build_id]
    minute = settings().minute_seconds
    with lock:
        if build["buildStatus"] != "IN_PROGRESS":
            return  # stopped while it waited
    try:
        if time.time() - build["startTime"] > build["queuedTimeoutInMinutes"] * minute:
            outcome = ("TIMED_OUT", "", "")
        else:
            environment = environment_of(build)
            deadline = time.monotonic() + build["timeoutInMinutes"] * minute
            run = Run(folder_of(build), environment, log_of(build, environment), deadline)
            with lock:
                if build["buildStatus"] != "IN_PROGRESS":
                    return  # stopped just now
                running[build_id] = run
            outcome = outcome_of(build, run)
    except LogRefusedError as error:
        outcome = ("FAILED", "ACCESS_DENIED", str(error))
    except Exception:
        traceback.print_exc()  # into the emulator's log, which a failing test shows
        outcome = ("FAULT", "", "")
    with lock:
        running.pop(build_id, None)
        build_record.end(build, *outcome)
    shutil.rmtree(folder_of(build), ignore_errors=True)
    publish_state(build)


def outcome_of(build: Build, run: Run) -> tuple[str, str, str]:
    """Runs the project's buildspec. Returns the build's status, and the code and message of a failure."""
    build_record.begin(build, "PROVISIONING")
    build_record.begin(build, "DOWNLOAD_SOURCE")
    try:
        phases = parse(build["source"]["buildspec"])
        run.prepare()
        for phase in phases:
            build_record.begin(build, phase.name)
            status, message = run.phase(phase)
            if status != "SUCCEEDED":
                return status, "COMMAND_EXECUTION_ERROR" if message else "", message
    except UnknownKeyError as error:
        return "FAILED", "YAML_FILE_ERROR", str(error)
    finally:
        run.log.close()
    return "SUCCEEDED", "", ""
