"""CloudFormation: complete ECS resources, services that wait until they are steady, split texts, descriptions."""

import time
from typing import Any

from ministack.services import alb, cloudformation, ecs
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks

from local.cloud.shared.live_settings import gateway, settings
from local.cloud.shared.replacing import Function, replaces

SERVICE = "AWS::ECS::Service"
TRANSLATED = {"healthCheck", "environmentFiles", "secrets"}
WAIT_SECONDS = 3 * 60 * 60  # as long as CloudFormation waits for a service
NUMBERS = {"DesiredCount", "ContainerPort", "HostPort", "StartPeriod", "HealthCheckGracePeriodSeconds"}
CIRCUIT_BREAKER = "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'."


@replaces(stacks, "_runs_on_worker_thread")
def _(original: Function) -> Function:
    def runs(resource_type: str) -> bool:
        """Runs a service on its own thread, because it waits."""
        return resource_type == SERVICE or bool(original(resource_type))

    return runs


@replaces(stacks, "_sends_back_failed_update")
def _(original: Function) -> Function:
    def sends(resource_type: str) -> bool:
        """Sends a service its old properties back after a failed update: ECS did change it."""
        return resource_type == SERVICE or bool(original(resource_type))

    return sends


@replaces(changesets, "_deploy_stack_async")
def _(original: Function) -> Function:
    def deploy(name: str, stack_id: str, template: dict[str, Any], *rest: Any, **options: Any) -> Any:
        """Gives a stack its template's description, also if a change set makes it."""
        cloudformation._stacks[name]["Description"] = template.get("Description", "")
        return original(name, stack_id, template, *rest, **options)

    return deploy


def splitting(original: Function) -> Function:
    """Supports conditions that split a text, which the emulator doesn't evaluate."""

    def evaluate(template: dict[str, Any], parameters: dict[str, Any]) -> Any:
        return original({**template, "Conditions": split(template.get("Conditions", {}), parameters)}, parameters)

    return evaluate


for module in (changesets, handlers, stacks):
    replaces(module, "_evaluate_conditions")(splitting)


def split(condition: Any, parameters: dict[str, Any]) -> Any:
    """The condition with each split replaced by its list."""
    if isinstance(condition, dict):
        if "Fn::Split" in condition:
            return engine._resolve_refs(condition, {}, parameters, {}, {}, "", "")
        return {name: split(each, parameters) for name, each in condition.items()}
    return [split(each, parameters) for each in condition] if isinstance(condition, list) else condition


def typed(properties: Any) -> Any:
    """The properties with numbers for ECS instead of text from a template's parameters."""
    if isinstance(properties, list):
        return [typed(each) for each in properties]
    if isinstance(properties, dict):
        return {name: int(value) if name in NUMBERS else typed(value) for name, value in properties.items()}
    return properties


@replaces(provisioners, "_ecs_task_def_create")
def _(original: Function) -> Function:
    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        """Keeps the platform, and translates containers' lists and maps, which the emulator doesn't."""
        arn, attributes = original(logical_id, typed(properties), stack)
        definition = ecs._task_defs[ecs._resolve_td_key(arn)]
        definition["runtimePlatform"] = provisioners._pascal_to_camel(properties.get("RuntimePlatform"))
        for container in definition["containerDefinitions"]:
            for name in TRANSLATED & container.keys():
                container[name] = provisioners._pascal_to_camel(container[name])
        return arn, attributes

    return create


@replaces(provisioners, "_ecs_service_create")
def _(original: Function) -> Function:
    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        """Creates the service and waits until it is steady, or removes it if it fails."""
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
        """Updates the service and waits until it is steady.

        Each update sends the template's DesiredCount, whatever the service has meanwhile:
        https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/187
        """
        # assumes: express-mode-skips-service
        if not settings().service_updates:
            return physical_id, {"ServiceArn": physical_id, "Name": new["ServiceName"]}
        # assumes: desired-count-left-alone
        before = {name: value for name, value in typed(old).items() if name != "DesiredCount"}
        updated = original(physical_id, before, typed(new), stack)
        wait_until_steady(physical_id)
        return updated

    return update


def wait_until_steady(arn: str) -> None:
    """Waits until the service's deployment, or a newer one, has completed.

    Raises:
        ValueError: it failed or took too long. The text is CloudFormation's.
    """
    service = ecs._services["/".join(arn.split("/")[-2:])]
    awaited = service["taskDefinition"]
    deadline = time.monotonic() + WAIT_SECONDS
    while ecs._primary_deployment(service)["rolloutState"] == "IN_PROGRESS" and time.monotonic() < deadline:
        time.sleep(0.1)
    # assumes: service-update-waits
    has_failed = any(
        each["taskDefinition"] == awaited and each["rolloutState"] == "FAILED" for each in service["deployments"]
    )
    if has_failed or ecs._primary_deployment(service)["rolloutState"] != "COMPLETED":
        raise ValueError(CIRCUIT_BREAKER)


@replaces(provisioners, "_elbv2_load_balancer_create")
def _(original: Function) -> Function:
    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        """Gives a load balancer the name at which the emulator serves it."""
        arn, attributes = original(logical_id, properties, stack)
        name = f"{attributes['LoadBalancerName']}.alb.localhost:{gateway().partition(':')[2]}"
        alb._lbs[arn]["DNSName"] = name
        return arn, attributes | {"DNSName": name}

    return create


@replaces(provisioners, "_cwlogs_create")
def _(original: Function) -> Function:
    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        """Names a log group after its stack, as CloudFormation names all resources without a name of their own."""
        name = provisioners._physical_name(stack, logical_id)
        return original(logical_id, {"LogGroupName": name, **properties}, stack)

    return create


@replaces(provisioners, "_cwlogs_update")
def _(original: Function) -> Function:
    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], *others: Any) -> Any:
        """Keeps the name that the log group got when it was created."""
        name = {"LogGroupName": physical_id}
        return original(physical_id, name | old, name | new, *others)

    return update


# The emulator's table refers to the functions directly.
for kind, functions in {
    "AWS::ECS::TaskDefinition": {"create": provisioners._ecs_task_def_create},
    SERVICE: {"create": provisioners._ecs_service_create, "update": provisioners._ecs_service_update},
    "AWS::Logs::LogGroup": {"create": provisioners._cwlogs_create, "update": provisioners._cwlogs_update},
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {"create": provisioners._elbv2_load_balancer_create},
}.items():
    provisioners._RESOURCE_HANDLERS[kind] |= functions
