"""ECS: the events and the history of deployments."""

import json
import time
from datetime import datetime
from typing import Any

from ministack.core.responses import json_response
from ministack.services import ecs

from local.cloud.shared.answers import Answer, refused
from local.cloud.shared.events import emit, shape
from local.cloud.shared.replacing import Function, replaces

type Deployment = dict[str, Any]
type Service = dict[str, Any]
type Task = dict[str, Any]

ROLLING_BACK = "ECS deployment rollback in progress."
"""The emulator's reason for a completed deployment that gets its tasks back."""


@replaces(ecs, "_make_deployment")
def _(original: Function) -> Function:
    def make(*arguments: Any, **more: Any) -> Deployment:
        """Keeps a service's first deployment in progress until its tasks are healthy, like any other."""
        made: Deployment = original(*arguments, **more)
        return made | {"rolloutState": "IN_PROGRESS", "rolloutStateReason": "ECS deployment in progress."}

    return make


# --- Events ---------------------------------------------------------------------------------------------------------


@replaces(ecs, "_record_service_task_failure")
def _(original: Function) -> Function:
    def record(task: Task, **more: Any) -> None:
        """Emits the event if this failure made the deployment fail."""
        service = service_of(task)
        deployment = service and ecs._deployment_for_task(service, task)
        before = deployment and deployment["rolloutState"]
        original(task, **more)
        if service and deployment and deployment["rolloutState"] == "FAILED" != before:
            ended(service, deployment, "ecs/deployment-failed")

    return record


@replaces(ecs, "_complete_service_deployment")
def _(original: Function) -> Function:
    def complete(cluster: str, service_key: str, expected_deployment_id: str | None = None) -> None:
        """Emits the event once the old tasks are gone, after a rollback as well."""
        service = ecs._services.get(service_key)
        deployment = service and ecs._primary_deployment(service)
        before = deployment and deployment["rolloutState"]
        original(cluster, service_key, expected_deployment_id)
        if service and deployment and deployment["rolloutState"] == "COMPLETED" != before:
            ended(service, deployment, "ecs/deployment-completed")

    return complete


def ended(service: Service, deployment: Deployment, name: str) -> None:
    """Emits an event in the shape of a file."""
    # assumes: deployment-completed-event, deployment-failed-event
    event = shape(name)
    event["resources"] = [service["serviceArn"]]
    reason = event["detail"]["reason"].replace(event["detail"]["deploymentId"], deployment["id"])
    event["detail"] |= {
        "reason": reason,
        "deploymentId": deployment["id"],
        "updatedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    emit(event)


def service_of(task: Task) -> Service | None:
    """The service that a task belongs to."""
    cluster = ecs._cluster_name_from_arn(task["clusterArn"])
    found: Service | None = ecs._services.get(f"{cluster}/{task['group'].removeprefix('service:')}")
    return found


# --- The history ----------------------------------------------------------------------------------------------------


@replaces(ecs, "_reconcile_service_tasks")
def _(original: Function) -> Function:
    def reconcile(cluster: str, service_key: str) -> None:
        """Remembers the service's deployments: the emulator forgets those that ended."""
        if service := ecs._services.get(service_key):
            known = service.setdefault("_history", [])
            known += [each for each in service["deployments"][::-1] if all(each is not other for other in known)]
        original(cluster, service_key)

    return reconcile


def list_service_deployments(request: dict[str, Any]) -> Answer:
    """The service's deployments since a time, the newest first.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html
    """
    # assumes: service-deployments-list
    service = ecs._services.get(f"{request.get('cluster', 'default')}/{request['service']}")
    if not service:
        return refused("ServiceNotFoundException", "Service not found.")
    after, wanted = request.get("createdAt", {}).get("after", 0), request.get("status")
    found = [
        {
            "serviceDeploymentArn": f"{arn(service, 'service-deployment')}/{number}",
            "serviceArn": service["serviceArn"],
            "clusterArn": service["clusterArn"],
            "createdAt": each["createdAt"],
            "targetServiceRevisionArn": f"{arn(service, 'service-revision')}/{number}",
            "status": status_of(each, service),
            "statusReason": each["rolloutStateReason"],
        }
        for number, each in enumerate(service.get("_history", []), start=1)
        if datetime.fromisoformat(each["createdAt"]).timestamp() >= after
    ]
    return answered({"serviceDeployments": [each for each in found[::-1] if not wanted or each["status"] in wanted]})


def status_of(deployment: Deployment, service: Service) -> str:
    """The status of a service deployment.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
    """
    state, primary = deployment["rolloutState"], ecs._primary_deployment(service)
    if state == "COMPLETED" or deployment["rolloutStateReason"] == ROLLING_BACK:
        return "SUCCESSFUL"
    if state == "FAILED" and deployment is primary:
        return "STOPPED"
    if state == "FAILED":
        return "ROLLBACK_IN_PROGRESS" if primary["rolloutStateReason"] == ROLLING_BACK else "ROLLBACK_SUCCESSFUL"
    return "IN_PROGRESS" if deployment is primary else "STOPPED"


def describe_service_revisions(request: dict[str, Any]) -> Answer:
    """The images of service revisions, by the ARNs in the list of deployments.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html
    """
    found, failures = [], []
    for each in request["serviceRevisionArns"]:
        _, cluster, name, number = each.split("/")
        service = ecs._services.get(f"{cluster}/{name}") or {}
        history = service.get("_history", [])
        if not 0 < int(number) <= len(history):
            failures.append({"arn": each, "reason": "MISSING"})
            continue
        definition = history[int(number) - 1]["taskDefinition"]
        images = ecs._task_defs[ecs._resolve_td_key(definition)]["containerDefinitions"]
        found.append(
            {
                "serviceRevisionArn": each,
                "serviceArn": service["serviceArn"],
                "clusterArn": service["clusterArn"],
                "taskDefinition": definition,
                "containerImages": [container_image(one["name"], one["image"]) for one in images],
            }
        )
    return answered({"serviceRevisions": found, "failures": failures})


def container_image(container: str, image: str) -> dict[str, str]:
    """A container's image, with its digest if the definition names one."""
    digest = image.partition("@")[2]
    return {"containerName": container, "image": image} | ({"imageDigest": digest} if digest else {})


def arn(service: Service, kind: str) -> str:
    """The beginning of the ARNs of the service's deployments or revisions."""
    found: str = service["serviceArn"].replace(":service/", f":{kind}/")
    return found


def answered(content: dict[str, Any]) -> Answer:
    """The answer with this content."""
    answer: Answer = json_response(json.loads(json.dumps(content)))
    return answer


ecs._ACTION_MAP["ListServiceDeployments"] = list_service_deployments
ecs._ACTION_MAP["DescribeServiceRevisions"] = describe_service_revisions
