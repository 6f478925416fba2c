"""The project's builds, and CodeBuild's answers about them in AWS's shape, checked against the SDK's model of it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders
from botocore.validate import ParamValidator

from tests.functions.support.lambdas import deployed
from tests.support.hooks import hook_later
from tests.support.stack import event

PROJECT = deployed().names["ImageBuild"]
FILES = {"SUCCEEDED": "build-succeeded", "STOPPED": "build-stopped", "TIMED_OUT": "build-timed-out"}
OVERRIDDEN = {"SOURCE_KEY", "SOURCE_VERSION_ID", "IMAGE_TAG"}
PAGE = 100  # of a list
AT_ONCE = 25  # builds with their buildspec, in one answer


def build_event(status: str) -> dict[str, Any]:
    """The event of a build that ended so."""
    found = event(FILES.get(status, "build-failed"))
    found["detail"]["build-status"] = status
    return found


def moment(text: str) -> datetime:
    """A time as CodeBuild's events have it: without a zone, in UTC."""
    return datetime.strptime(text, "%b %d, %Y %I:%M:%S %p").replace(tzinfo=UTC)


def camel(value: Any) -> Any:
    """The same with its names as the API has them: `phase-type` is `phaseType`."""
    match value:
        case dict():
            return {
                name.split("-")[0] + "".join(part.capitalize() for part in name.split("-")[1:]): camel(each)
                for name, each in value.items()
            }
        case list():
            return [camel(each) for each in value]
        case _:
            return value


def phase(given: dict[str, Any]) -> dict[str, Any]:
    """One phase as the API has it."""
    found: dict[str, Any] = camel(given)
    found |= {name: moment(found[name]) for name in ("startTime", "endTime") if name in found}
    if "durationInSeconds" in found:
        found["durationInSeconds"] = int(found["durationInSeconds"])
    contexts = [context.partition(": ") for context in found.pop("phaseContext", [])]
    return found | {"contexts": [{"statusCode": code.rstrip(":"), "message": message} for code, _, message in contexts]}


def shifted(phase: dict[str, Any], shift: timedelta) -> dict[str, Any]:
    """A phase at another time."""
    return phase | {name: phase[name] + shift for name in ("startTime", "endTime") if name in phase}


def phases(*ends: tuple[str, str]) -> list[dict[str, Any]]:
    """Phases of a build that ended otherwise than in the files: the type of each and its status."""
    found: list[dict[str, Any]] = [{"phaseType": kind, "phaseStatus": status} for kind, status in ends]
    return [*found, {"phaseType": "COMPLETED"}]


def build(number: int, status: str, ended: datetime, variables: dict[str, str]) -> dict[str, Any]:
    """A build as BatchGetBuilds gives it, made of the event of such an end."""
    detail = build_event(status)["detail"]
    more = detail["additional-information"]
    build_id = f"{PROJECT}:5a6b2f4e-93c1-4d7a-8e0f-{number:012}"
    given = [phase(each) for each in more["phases"]]
    shift = ended - given[-1]["startTime"]
    constant = [each for each in more["environment"]["environment-variables"] if each["name"] not in OVERRIDDEN]
    overridden = [{"name": name, "value": value, "type": "PLAINTEXT"} for name, value in variables.items()]
    return {
        "id": build_id,
        "arn": f"arn:aws:codebuild:us-east-1:123456789012:build/{build_id}",
        "buildNumber": number,
        "startTime": given[0]["startTime"] + shift,
        "endTime": ended,
        "currentPhase": detail["current-phase"],
        "buildStatus": status,
        "projectName": detail["project-name"],
        "phases": [shifted(each, shift) for each in given],
        "source": camel(more["source"]),
        "artifacts": camel(more["artifact"]),
        "cache": camel(more["cache"]),
        "environment": camel(more["environment"]) | {"environmentVariables": [*constant, *overridden]},
        "logs": camel(more["logs"]) | {"streamName": build_id.partition(":")[2]},
        "timeoutInMinutes": int(more["timeout-in-minutes"]),
        "queuedTimeoutInMinutes": int(more["queued-timeout-in-minutes"]),
        "buildComplete": more["build-complete"],
        "initiator": more["initiator"],
    }


class Project:
    """The project: moto's CodeBuild neither keeps what a build overrides nor gives pages."""

    def __init__(self, client: BaseClient) -> None:
        """A project without builds, for a client of the function's."""
        self.builds: list[dict[str, Any]] = []
        """The oldest first."""
        self._client = client
        self._refused: set[str] = set()
        answers = {"BatchGetBuilds": self._get, "ListBuildsForProject": self._list, "StartBuild": self._start}
        for operation, answer in answers.items():

            def give(model: Any, params: Any, answer: Any = answer, **_: Any) -> Any:
                status, found = answer(json.loads(params["body"]))
                if status == 200:
                    given = {name: each for name, each in found.items() if each}  # AWS gives empty lists, too
                    report = ParamValidator().validate(given, model.output_shape)
                    assert not report.has_errors(), report.generate_report()
                return AWSResponse("", status, HTTPHeaders(), None), found | {
                    "ResponseMetadata": {"HTTPStatusCode": status}
                }

            hook_later(client, f"before-call.*.{operation}", give, operation)

    def is_silent(self, operation: str) -> None:
        """Leaves an operation to what the wire does."""
        self._client.meta.events.unregister(f"before-call.*.{operation}", unique_id=operation)

    def add(self, status: str, ended: datetime, variables: dict[str, str], **changes: Any) -> dict[str, Any]:
        """Adds the newest build."""
        added = build(len(self.builds) + 1, status, ended, variables) | changes
        self.builds.append(added)
        return added

    def queue_last(self, longer: timedelta) -> None:
        """Has the newest build have been queued for longer before it ran."""
        newest = self.builds[-1]
        submitted, queued, *_ = newest["phases"]
        newest["startTime"] -= longer
        submitted |= {name: submitted[name] - longer for name in ("startTime", "endTime")}
        queued["startTime"] -= longer

    def refuses(self, build_id: str) -> None:
        """Has CodeBuild refuse every request that names this id."""
        self._refused.add(build_id)

    def _get(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self._refused & set(asked["ids"]):
            return 400, refusal("Invalid build ID")
        assert len(asked["ids"]) <= AT_ONCE, "more than CodeBuild answers in QUICK's time"
        found = {each["id"]: each for each in self.builds}
        return 200, {
            "builds": [found[each] for each in asked["ids"] if each in found],
            "buildsNotFound": [each for each in asked["ids"] if each not in found],
        }

    def _start(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        assert asked["projectName"] == PROJECT
        return 200, {"build": {"id": f"{PROJECT}:{asked['idempotencyToken']}", "buildStatus": "IN_PROGRESS"}}

    def _list(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if "sortOrder" in asked and len(self.builds) > PAGE:
            return 400, refusal("sortOrder")
        assert asked["projectName"] == PROJECT
        start = int(asked.get("nextToken", 0))
        ids = [each["id"] for each in reversed(self.builds)]
        more = {"nextToken": str(start + PAGE)} if len(ids) > start + PAGE else {}
        return 200, {"ids": ids[start : start + PAGE]} | more


def refusal(message: str) -> dict[str, Any]:
    """How CodeBuild refuses a request."""
    return {"Error": {"Code": "InvalidInputException", "Message": message}}
