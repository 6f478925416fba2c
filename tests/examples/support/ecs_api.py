"""The requests of the follower to ECS, answered from the ECS in memory."""

from copy import deepcopy
from typing import Any

from tests.examples.support.aws import refused
from tests.examples.support.ecs import CLUSTER, CONTAINER, PREFIX, SERVICE, Ecs, Service


class EcsApi:
    """What the client of this ECS can request."""

    def __init__(self, ecs: Ecs) -> None:
        self.ecs = ecs

    def check(self, cluster: str, service: str = SERVICE) -> None:
        assert (cluster, service) == (CLUSTER, SERVICE)
        if not self.ecs.has_cluster:
            raise refused("ecs", "ClusterNotFoundException")
        if not self.ecs.service:
            raise refused("ecs", "ServiceNotFoundException")

    def describe_services(self, cluster: str, services: list[str]) -> dict[str, Any]:
        assert (cluster, services) == (CLUSTER, [SERVICE])
        if not self.ecs.has_cluster:
            raise refused("ecs", "ClusterNotFoundException")
        described = [self.described(self.ecs.seen)] if self.ecs.seen else []
        return {"services": described, "failures": [] if described else [{"reason": "MISSING"}]}

    def described(self, service: Service) -> dict[str, Any]:
        deployments = [
            {
                "id": each.id,
                "status": each.status,
                "taskDefinition": each.definition,
                "rolloutState": each.state,
                "rolloutStateReason": each.reason,
                "runningCount": each.running,
                "createdAt": each.created,
                "updatedAt": each.updated,
            }
            for each in service.deployments
        ]
        known = {"status": "ACTIVE", "createdAt": service.created, "events": service.events}
        return known | {"desiredCount": service.wanted, "deployments": deployments}

    def describe_task_definition(self, taskDefinition: str, include: tuple[str, ...] = ()) -> dict[str, Any]:  # noqa: N803
        definition = deepcopy(self.ecs.definitions[taskDefinition])
        tags = definition.get("tags", []) if include else []
        return {"taskDefinition": {k: v for k, v in definition.items() if k != "tags"}, "tags": tags}

    def register_task_definition(self, **definition: Any) -> dict[str, Any]:
        return self.describe_task_definition(self.ecs.register(definition))

    def update_service(self, cluster: str, service: str, taskDefinition: str) -> dict[str, Any]:  # noqa: N803
        self.check(cluster, service)
        assert self.ecs.service
        if self.ecs.service.primary.definition != taskDefinition:
            self.ecs.begin(taskDefinition)
        return {"service": self.described(self.ecs.service)}

    def list_service_deployments(self, cluster: str, service: str, createdAt: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        self.check(cluster, service)
        assert self.ecs.seen
        revision = f"{PREFIX}:service-revision/{CLUSTER}/{SERVICE}"
        return {
            "serviceDeployments": [
                {
                    "targetServiceRevisionArn": f"{revision}/{each.number}",
                    "status": each.history,
                    "statusReason": f"the history's words: {each.reason}",
                    "createdAt": each.created,
                    **({"finishedAt": each.ended} if each.ended else {}),
                }
                for each in self.ecs.seen.history
                if each.created >= max(createdAt["after"], self.ecs.forgotten or createdAt["after"])
            ]
        }

    def describe_service_revisions(self, serviceRevisionArns: list[str]) -> dict[str, Any]:  # noqa: N803
        assert self.ecs.service
        numbers = {int(each.rpartition("/")[2]): each for each in serviceRevisionArns}
        assert len(numbers) <= 20
        return {
            "serviceRevisions": [
                {
                    "serviceRevisionArn": numbers[each.number],
                    "containerImages": [
                        {"containerName": CONTAINER, "imageDigest": self.ecs.image(each).partition("@")[2]}
                    ],
                }
                for each in self.ecs.service.history
                if each.number in numbers
            ]
        }

    def list_tasks(self, cluster: str, serviceName: str, desiredStatus: str) -> dict[str, Any]:  # noqa: N803
        self.check(cluster, serviceName)
        assert desiredStatus == "STOPPED"
        return {"taskArns": [each["taskArn"] for each in self.ecs.tasks]}

    def describe_tasks(self, cluster: str, tasks: list[str]) -> dict[str, Any]:
        assert cluster == CLUSTER
        return {"tasks": [each for each in self.ecs.tasks if each["taskArn"] in tasks]}
