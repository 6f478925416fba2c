"""One look: what the parameter names, the record of the last deployment, and the service as ECS describes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import ledger
from seen import Attempt, Deployment, Facts, Named, Service

REVISIONS = 20  # the most per request
LONGEST = timedelta(hours=3)
"""How long before the parameter's version a deployment may have begun that went on when the image was named again."""
TELLING = ("unable", "failed")
"""Words in ECS's events that say why a deployment makes no progress."""


@dataclass(frozen=True)
class Place:
    """The names of the service, of its container with the image, and of the two parameters."""

    cluster: str
    service: str
    container: str
    parameter: str
    ledger: str


def gathered(client: Any, place: Place, now: datetime) -> Facts:
    """The facts for a decision.

    Args:
        client: returns a client for the name of an AWS service, like `boto3.client`.
        place: what to look at.
        now: the time.
    """
    ssm, ecs = client("ssm"), client("ecs")
    named, record = parameter(ssm, place.parameter), parameter(ssm, place.ledger)
    if not named:
        return Facts(None, None, None, now)
    # DescribeServices may round times down to seconds.
    since = named["LastModifiedDate"].replace(microsecond=0)
    image = Named(named["Value"], named["Version"], since)
    last, recorded = (ledger.read(record["Value"]), record["LastModifiedDate"]) if record else (None, None)
    return Facts(image, last, service(ecs, place, image), now, recorded)


def parameter(ssm: Any, name: str) -> dict[str, Any] | None:
    """The parameter. None if there is none."""
    try:
        return dict(ssm.get_parameter(Name=name)["Parameter"])
    except ssm.exceptions.ParameterNotFound:
        return None


def service(ecs: Any, place: Place, named: Named) -> Service | None:
    """The service with its deployments. None if the service or its cluster doesn't exist.

    Raises:
        LookupError: ECS doesn't deploy the service with rolling updates.
    """
    try:
        described = ecs.describe_services(cluster=place.cluster, services=[place.service])["services"]
    except ecs.exceptions.ClusterNotFoundException:
        return None
    active = [each for each in described if each["status"] == "ACTIVE"]  # ECS describes a deleted service for a while
    if not active:
        return None
    (found,) = active
    definitions = {each["taskDefinition"] for each in found["deployments"]}
    images = {each: image_of(ecs, each, place.container) for each in definitions}
    deployments = tuple(deployment(each, images[each["taskDefinition"]]) for each in found["deployments"])
    primary = next((each for each in deployments if each.is_primary), None)
    if not primary:
        raise LookupError(f"ECS doesn't deploy {place.service} with rolling updates.")
    is_history_needed = primary.image != named.image
    since = max(named.since, found["createdAt"])
    attempts = tuple(attempts_since(ecs, place, named.image, since)) if is_history_needed else ()
    return Service(found["desiredCount"], deployments, attempts, trouble(found.get("events", []), primary))


def image_of(ecs: Any, definition: str, container: str) -> str | None:
    """The image of the container in a task definition. None if there is no container of that name."""
    containers = ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]["containerDefinitions"]
    return next((each["image"] for each in containers if each["name"] == container), None)


def deployment(found: dict[str, Any], image: str | None) -> Deployment:
    """A deployment, from ECS's description."""
    return Deployment(
        found["id"],
        image,
        found["taskDefinition"],
        is_primary=found["status"] == "PRIMARY",
        state=found.get("rolloutState", ""),
        reason=found.get("rolloutStateReason", ""),
        running=found["runningCount"],
        created=found["createdAt"],
        updated=found.get("updatedAt", found["createdAt"]),
    )


def trouble(events: list[dict[str, Any]], primary: Deployment) -> str:
    """The newest event, of this deployment's time, that says why it makes no progress. Empty if there is none."""
    recent = (each["message"] for each in events if each["createdAt"] >= primary.created)
    return next((message for message in recent if any(word in message for word in TELLING)), "")


def attempts_since(ecs: Any, place: Place, image: str, since: datetime) -> Iterator[Attempt]:
    """The service deployments that began since then, or went on then."""
    # assumes: service-deployments-list
    listed, page = [], {"createdAt": {"after": since - LONGEST}}
    while page:
        answer = ecs.list_service_deployments(cluster=place.cluster, service=place.service, **page)
        listed += answer["serviceDeployments"]
        page = {"nextToken": answer["nextToken"]} if "nextToken" in answer else {}
    listed = [each for each in listed if each["createdAt"] >= since or each.get("finishedAt", since) >= since]
    ours = revisions_with(ecs, sorted({each["targetServiceRevisionArn"] for each in listed}), place.container, image)
    for each in listed:
        is_of_named = each["targetServiceRevisionArn"] in ours
        yield Attempt(is_of_named, each["status"], each.get("statusReason", ""), each["createdAt"])


def revisions_with(ecs: Any, arns: list[str], container: str, image: str) -> set[str]:
    """Those of the service revisions whose container has the image."""
    digest, found = image.partition("@")[2], set()
    for first in range(0, len(arns), REVISIONS):
        asked_for = arns[first : first + REVISIONS]
        for each in ecs.describe_service_revisions(serviceRevisionArns=asked_for)["serviceRevisions"]:
            images = [one for one in each.get("containerImages", []) if one["containerName"] == container]
            if any(one.get("image") == image or (digest and one.get("imageDigest") == digest) for one in images):
                found.add(each["serviceRevisionArn"])
    return found
