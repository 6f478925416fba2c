"""ECS: images whose deployment it rolled back, in the service that `examples/ecs-service` creates."""

from typing import TYPE_CHECKING

from ship.aws.access import Access
from ship.aws.cloudformation import Stack

if TYPE_CHECKING:
    from mypy_boto3_ecs.literals import ServiceDeploymentStatusType

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
GIVEN_UP: "list[ServiceDeploymentStatusType]" = [
    "ROLLBACK_REQUESTED",
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_SUCCESSFUL",
    "ROLLBACK_FAILED",
]
LISTED, DESCRIBED = 100, 20
"""The most deployments and revisions per request."""


def given_up(access: Access, stack: Stack) -> frozenset[str]:
    """The digests of the images whose newest deployment ECS rolled back. Empty if there is no such service."""
    client = access.ecs
    try:
        # assumes: service-deployments-list
        listed = client.list_service_deployments(
            cluster=stack.service, service=stack.service, status=["SUCCESSFUL", *GIVEN_UP], maxResults=LISTED
        )["serviceDeployments"]
    except (client.exceptions.ClusterNotFoundException, client.exceptions.ServiceNotFoundException):
        return frozenset()
    digests = digests_of(access, sorted({each["targetServiceRevisionArn"] for each in listed}))
    newest: dict[str, str] = {}
    for each in sorted(listed, key=lambda deployment: deployment["createdAt"]):
        newest |= dict.fromkeys(digests.get(each["targetServiceRevisionArn"], ()), each["status"])
    return frozenset(digest for digest, status in newest.items() if status in GIVEN_UP)


def digests_of(access: Access, revisions: list[str]) -> dict[str, list[str]]:
    """The image digests of each service revision."""
    found = {}
    for first in range(0, len(revisions), DESCRIBED):
        asked_for = revisions[first : first + DESCRIBED]
        for each in access.ecs.describe_service_revisions(serviceRevisionArns=asked_for)["serviceRevisions"]:
            images = each.get("containerImages", [])
            found[each["serviceRevisionArn"]] = [image["imageDigest"] for image in images if "imageDigest" in image]
    return found
