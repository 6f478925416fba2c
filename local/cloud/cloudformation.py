"""CloudFormation: ECS's resources with all that their templates say, and services that wait until they are steady."""

import time
from typing import Any

from ministack.services import alb, ecs
from ministack.services.cloudformation import provisioners, stacks

from local.cloud.replacing import Function, replaces
from local.cloud.settings import gateway

SERVICE = "AWS::ECS::Service"
WAIT_SECONDS = 3 * 60 * 60  # as CloudFormation waits for a service
NUMBERS = {"DesiredCount", "ContainerPort", "HostPort"}
CIRCUIT_BREAKER = "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'."


@replaces(stacks, "_runs_on_worker_thread")
def _(original: Function) -> Function:
    def runs(resource_type: str) -> bool:
        """Has a service wait on a thread of its own, since that takes its time."""
        return resource_type == SERVICE or bool(original(resource_type))

    return runs


@replaces(stacks, "_sends_back_failed_update")
def _(original: Function) -> Function:
    def sends(resource_type: str) -> bool:
        """Has a service whose update failed get its old properties back: ECS did change it."""
        return resource_type == SERVICE or bool(original(resource_type))

    return sends


def typed(properties: Any) -> Any:
    """The properties with numbers for ECS where a template's parameters gave text."""
    if isinstance(properties, list):
        return [typed(each) for each in properties]
    if isinstance(properties, dict):
        return {name: int(value) if name in NUMBERS else typed(value) for name, value in properties.items()}
    return properties


@replaces(provisioners, "_ecs_task_def_create")
def _(original: Function) -> Function:
    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        """Keeps the platform and the health checks, which the emulator drops or leaves in CloudFormation's words."""
        arn, attributes = original(logical_id, typed(properties), stack)
        definition = ecs._task_defs[ecs._resolve_td_key(arn)]
        definition["runtimePlatform"] = provisioners._pascal_to_camel(properties.get("RuntimePlatform"))
        for container in definition["containerDefinitions"]:
            if "healthCheck" in container:
                container["healthCheck"] = provisioners._pascal_to_camel(container["healthCheck"])
        return arn, attributes

    return create


@replaces(provisioners, "_ecs_service_create")
def _(original: Function) -> Function:
    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        """Creates the service, and waits until it is steady; one that gets nowhere is removed."""
        arn, attributes = original(logical_id, typed(properties), stack)
        try:
            wait_until_steady(arn)
        except ValueError:
            provisioners._ecs_service_delete(arn, properties)
            raise
        return arn, attributes

    return create


@replaces(provisioners, "_ecs_service_update")
def _(original: Function) -> Function:
    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str) -> Any:
        """Updates the service, and waits until it is steady with that."""
        updated = original(physical_id, typed(old), typed(new), stack)
        wait_until_steady(physical_id)
        return updated

    return update


def wait_until_steady(arn: str) -> None:
    """Returns when the service's deployment has completed, or a newer one in its place.

    Raises:
        ValueError: it failed, or wasn't there in time; the text is CloudFormation's.
    """
    service = ecs._services["/".join(arn.split("/")[-2:])]
    awaited = service["taskDefinition"]
    deadline = time.monotonic() + WAIT_SECONDS
    while ecs._primary_deployment(service)["rolloutState"] == "IN_PROGRESS" and time.monotonic() < deadline:
        time.sleep(0.1)
    has_failed = any(
        each["taskDefinition"] == awaited and each["rolloutState"] == "FAILED" for each in service["deployments"]
    )
    if has_failed or ecs._primary_deployment(service)["rolloutState"] != "COMPLETED":
        raise ValueError(CIRCUIT_BREAKER)


@replaces(provisioners, "_elbv2_load_balancer_create")
def _(original: Function) -> Function:
    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        """Gives a load balancer the name under which this emulator really serves it."""
        arn, attributes = original(logical_id, properties, stack)
        name = f"{attributes['LoadBalancerName']}.alb.localhost:{gateway().partition(':')[2]}"
        alb._lbs[arn]["DNSName"] = name
        return arn, attributes | {"DNSName": name}

    return create


# The emulator's table has the functions themselves.
for kind, handlers in {
    "AWS::ECS::TaskDefinition": {"create": provisioners._ecs_task_def_create},
    SERVICE: {"create": provisioners._ecs_service_create, "update": provisioners._ecs_service_update},
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {"create": provisioners._elbv2_load_balancer_create},
}.items():
    provisioners._RESOURCE_HANDLERS[kind] |= handlers
