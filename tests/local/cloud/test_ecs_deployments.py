"""ECS: the events and the list of deployments, of services that want no task."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.pipeline import Pipeline
from tests.local.support.inbox import Inbox, differences, sample

DIGESTS = [f"sha256:{digit * 64}" for digit in "12"]


def definition(cloud: Pipeline, family: str, digest: str) -> str:
    """A task definition with an image of this digest."""
    container: Any = {"name": "web", "image": f"example.com/app@{digest}"}
    made = cloud.client("ecs").register_task_definition(family=family, containerDefinitions=[container])
    return str(made["taskDefinition"]["taskDefinitionArn"])


@pytest.fixture
def name(cloud: Pipeline, unique: str) -> Iterator[str]:
    """The name of a service and of its cluster. The service was deployed twice."""
    ecs = cloud.client("ecs")
    first, second = (definition(cloud, unique, digest) for digest in DIGESTS)
    ecs.create_cluster(clusterName=unique)
    ecs.create_service(cluster=unique, serviceName=unique, taskDefinition=first, desiredCount=0)
    ecs.update_service(cluster=unique, service=unique, taskDefinition=second)
    yield unique
    ecs.delete_service(cluster=unique, service=unique, force=True)


def listed(cloud: Pipeline, name: str, **more: Any) -> list[Any]:
    """The service deployments in the list."""
    found = cloud.client("ecs").list_service_deployments(cluster=name, service=name, **more)
    return list(found["serviceDeployments"])


@pytest.fixture
def completions(unique: str, inbox: Callable[[dict[str, Any]], Inbox]) -> Inbox:
    """Gets the events of deployments that were completed."""
    return inbox({"source": ["aws.ecs"], "resources": [{"suffix": f"/{unique}"}]})


def test_a_deployment_that_is_complete_has_an_event_of_the_shape_of_its_file(
    cloud: Pipeline, completions: Inbox, name: str
) -> None:
    events = completions.wait_for(2)

    (service,) = cloud.client("ecs").describe_services(cluster=name, services=[name])["services"]
    assert differences(events[-1], sample("ecs/deployment-completed")) == []
    assert events[-1]["resources"] == [service["serviceArn"]]
    assert events[-1]["detail"]["deploymentId"] == service["deployments"][0]["id"]
    assert events[-1]["detail"]["reason"] == f"ECS deployment {service['deployments'][0]['id']} completed."


def test_service_deployments_are_listed_the_newest_first_with_the_digest_in_their_revision(
    cloud: Pipeline, name: str
) -> None:
    found = listed(cloud, name)

    assert [each["status"] for each in found] == ["SUCCESSFUL", "SUCCESSFUL"]
    arns = [each["targetServiceRevisionArn"] for each in found]
    revisions = cloud.client("ecs").describe_service_revisions(serviceRevisionArns=arns)["serviceRevisions"]
    images = [each["containerImages"][0] for each in revisions]
    assert [(each["containerName"], each["imageDigest"]) for each in images] == [
        ("web", each) for each in DIGESTS[::-1]
    ]


def test_service_deployments_are_listed_by_status_and_time(cloud: Pipeline, name: str) -> None:
    now = datetime.now(UTC)

    assert listed(cloud, name, status=["STOPPED"]) == []
    assert len(listed(cloud, name, createdAt={"after": now - timedelta(hours=1)})) == 2
    assert listed(cloud, name, createdAt={"after": now + timedelta(hours=1)}) == []


def test_a_revision_that_does_not_exist_and_a_service_that_does_not_are_missing(cloud: Pipeline, name: str) -> None:
    ecs = cloud.client("ecs")
    (arn, _) = [each["targetServiceRevisionArn"] for each in listed(cloud, name)]

    found = ecs.describe_service_revisions(serviceRevisionArns=[f"{arn}000"])

    assert (found["serviceRevisions"], found["failures"][0]["reason"]) == ([], "MISSING")
    with pytest.raises(ecs.exceptions.ServiceNotFoundException):
        ecs.list_service_deployments(cluster=name, service="missing")
