"""A build's record, as BatchGetBuilds returns it, and its event."""

import copy
import time
from typing import Any

from ministack.services import codebuild

from local.cloud.builds.buildspec import PHASES
from local.cloud.shared.events import shape
from local.cloud.shared.live_settings import settings

type Build = dict[str, Any]

CONSOLE = "https://console.aws.amazon.com/cloudwatch/home?region={}#logEvent:group={};stream={}"
WITHOUT_CONTEXT = {"SUBMITTED", "QUEUED"}
AFTER_COMMANDS = ("UPLOAD_ARTIFACTS", "FINALIZING")


def new(project: dict[str, Any], request: dict[str, Any]) -> Build:
    """The record of a queued build, with the request's overrides instead of the project's values."""
    build: Build = codebuild._make_build_record(project, codebuild._build_id(project["name"]))
    now = int(time.time())
    environment = copy.deepcopy(project["environment"])
    overrides = request.get("environmentVariablesOverride", []) if settings().build_variables else []
    names = {each["name"] for each in overrides}
    own = [each for each in environment.get("environmentVariables", []) if each["name"] not in names]
    # assumes: start-build-variables, submitted-variables
    environment["environmentVariables"] = [{"type": "PLAINTEXT", **each} for each in own + overrides]
    del build["endTime"], build["sourceVersion"]
    return build | {
        # assumes: build-start-time
        "startTime": now,
        "buildStatus": "IN_PROGRESS",
        "currentPhase": "QUEUED",
        "buildComplete": False,
        "environment": environment,
        "serviceRole": project["serviceRole"],
        "timeoutInMinutes": request.get("timeoutInMinutesOverride", project["timeoutInMinutes"]),
        "queuedTimeoutInMinutes": request.get("queuedTimeoutInMinutesOverride", project["queuedTimeoutInMinutes"]),
        "logs": {"groupName": project["logGroup"], "streamName": build["id"].rpartition(":")[2]},
        "phases": [
            {"phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED", "startTime": now, "endTime": now},
            {"phaseType": "QUEUED", "startTime": now},
        ],
    }


def begin(build: Build, phase: str) -> None:
    """Ends the current phase with success and begins the next."""
    now = int(time.time())
    build["phases"][-1] |= {"phaseStatus": "SUCCEEDED", "endTime": now}
    build["phases"].append({"phaseType": phase, "startTime": now})
    build["currentPhase"] = phase


def end(build: Build, status: str, code: str = "", message: str = "") -> None:
    """Ends the current phase and the build with a status. `code` and `message` are the phase's context.

    Unless the build was stopped or timed out, CodeBuild continues with the phases after the commands.
    """
    now = int(time.time())
    context = {"statusCode": code, "message": message}
    build["phases"][-1] |= {"phaseStatus": status, "endTime": now, "contexts": [context]}
    # assumes: ended-builds
    if build["currentPhase"].lower() in PHASES and status in {"SUCCEEDED", "FAILED"}:
        ended = {"phaseStatus": "SUCCEEDED", "startTime": now, "endTime": now}
        build["phases"] += [{"phaseType": each, **ended} for each in AFTER_COMMANDS]
    build["phases"].append({"phaseType": "COMPLETED", "startTime": now})
    build |= {"buildStatus": status, "currentPhase": "COMPLETED", "buildComplete": True, "endTime": now}


def event(build: Build) -> dict[str, Any]:
    """CodeBuild's event about the build's state, as in events/: numbers are floats, times have no zone."""
    state_change = shape("build-succeeded")
    state_change["resources"] = [build["arn"]]
    environment, logs = build["environment"], build["logs"]
    state_change["detail"] |= {
        "build-status": build["buildStatus"],
        "project-name": build["projectName"],
        "build-id": build["arn"],
        "current-phase": build["currentPhase"] if build["buildComplete"] else "SUBMITTED",
    }
    state_change["detail"]["additional-information"] |= {
        "build-complete": build["buildComplete"],
        "build-number": float(build["buildNumber"]),
        "build-start-time": moment(build["startTime"]),
        "timeout-in-minutes": float(build["timeoutInMinutes"]),
        "queued-timeout-in-minutes": float(build["queuedTimeoutInMinutes"]),
        "initiator": build["initiator"],
        "environment": {
            "image": environment["image"],
            "privileged-mode": environment["privilegedMode"],
            "image-pull-credentials-type": environment["imagePullCredentialsType"],
            "compute-type": environment["computeType"],
            "type": environment["type"],
            "environment-variables": environment["environmentVariables"],
        },
        "logs": {
            "group-name": logs["groupName"],
            "stream-name": logs["streamName"],
            "deep-link": CONSOLE.format(state_change["region"], logs["groupName"], logs["streamName"]),
        },
        "phases": [event_phase(phase) for phase in build["phases"]],
    }
    if not build["buildComplete"]:
        for late in ("build-number", "phases"):
            del state_change["detail"]["additional-information"][late]
    return state_change


def event_phase(phase: dict[str, Any]) -> dict[str, Any]:
    """A phase in an event."""
    found = {"phase-type": phase["phaseType"], "start-time": moment(phase["startTime"])}
    if "endTime" in phase:
        found |= {
            "end-time": moment(phase["endTime"]),
            "duration-in-seconds": float(phase["endTime"] - phase["startTime"]),
            "phase-status": phase["phaseStatus"],
        }
        if phase["phaseType"] not in WITHOUT_CONTEXT:
            contexts = phase.get("contexts", [{"statusCode": "", "message": ""}])
            found["phase-context"] = [f"{each['statusCode']}: {each['message']}" for each in contexts]
    return found


def moment(seconds: int) -> str:
    """A time in CodeBuild's events: `Oct 14, 2020 9:28:52 PM`, in UTC."""
    return time.strftime("%b %d, %Y %-I:%M:%S %p", time.gmtime(seconds))
