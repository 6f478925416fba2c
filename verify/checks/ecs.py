"""Checks of ECS, with the example's service on Fargate: two images that are healthy, and one that ends."""

from datetime import datetime, timedelta

from local.pipeline import Late, wait_for
from ship.aws import ecs
from ship.aws.cloudformation import Stack
from verify.checking import Check
from verify.fargate.service import EVERY
from verify.fargate.sources import EXIT_CODE, PRINTED
from verify.gathering.evidence import Evidence
from verify.verdicts import DidNotHold, NotTried, Partly

NO_ROLE = "Unable to assume the service linked role"
NO_ROOM = ("capacity is unavailable", "availability zone")
"""In what ECS says if it can't start a task in a zone."""
NO_PULL = "CannotPullContainerError"
UNCHANGED = "No changes to deploy"
LEFT_OUT = "the service doesn't run the image that the parameter names"
ROLLED_BACK = "UPDATE_ROLLBACK_COMPLETE"
COMPLETED, FAILED = "SERVICE_DEPLOYMENT_COMPLETED", "SERVICE_DEPLOYMENT_FAILED"
FAILED_TASKS = 3
SAME_TIME = timedelta(seconds=2)
"""Events have whole seconds, and tasks have more exact times."""


def ecs_service_linked_role(evidence: Evidence) -> str:
    """Whether the first deployment found ECS's role, if the account was new to ECS."""
    service = evidence.service
    first = service.first
    if NO_ROLE in first.printed:
        raise DidNotHold(f"The first deployment said: {NO_ROLE}.")
    if service.had_role:
        raise NotTried("The account had ECS's service-linked role before.")
    first.done()
    return "The account had no service-linked role of ECS, and the first deployment succeeded."


def fargate_network(evidence: Evidence) -> str:
    """Whether a task could pull its image and send its log."""
    service = evidence.service
    if NO_PULL in service.first.printed:
        raise DidNotHold(f"The first deployment said: {NO_PULL}.")
    service.first.done()
    group = service.log_group()
    try:
        wait_for("A line in the task's log", lambda: service.logged(group, f'"{PRINTED}"'), evidence.patience, EVERY)
    except Late as late:
        raise DidNotHold(str(late)) from late
    return Partly("A task with a public address pulled its image and sent its log. Calls to it weren't tried.")


def fargate_arm64_zones(evidence: Evidence) -> str:
    """In which zones tasks ran."""
    first = evidence.service.first
    deployments = [first] if first.code else [first, evidence.service.second]
    tasks = [task for each in deployments for task in each.tasks]
    said = [*first.printed.splitlines(), *(task.get("stoppedReason", "") for task in tasks)]
    said += [event["message"] for each in deployments for event in each.service.get("events", [])]
    refused = [text for text in said if any(word in text.lower() for word in NO_ROOM)]
    if refused:
        raise DidNotHold(f"ECS says: {refused[0]}")
    details = [detail for each in tasks for part in each.get("attachments", []) for detail in part["details"]]
    subnets = {each["value"] for each in details if each["name"] == "subnetId"}
    if not subnets:
        raise NotTried("No task names its subnet.")
    return Partly(f"Tasks ran in {', '.join(evidence.service.zones(subnets))}. Other zones weren't tried.")


def image_parameter_resolution(evidence: Evidence) -> str:
    """Whether deploy.sh deployed a second image with the same template."""
    second = evidence.service.second
    if UNCHANGED in second.printed:
        raise DidNotHold(f"A second image was recorded, and the deployment said: {UNCHANGED}.")
    if second.done().image != second.uri:
        raise DidNotHold("After the second deployment, the service's task definition has another image.")
    return "After a second image was recorded, deploy.sh deployed it with the same template."


def express_mode_skips_service(evidence: Evidence) -> str:
    """Whether a deployment without express mode left the service on its old image."""
    second = evidence.service.second
    if LEFT_OUT in second.printed and UNCHANGED not in second.printed:
        raise DidNotHold("With `--no-express`, the stack was deployed, and the service has its old image.")
    second.done()
    return Partly("With `--no-express`, the service got its new image. Express mode itself wasn't tried.")


def desired_count_left_alone(evidence: Evidence) -> str:
    """How many tasks the service wants after its first deployment, and after one while it wanted two."""
    first, second = (each.done().service["desiredCount"] for each in (evidence.service.first, evidence.service.second))
    seen = f"The service wanted {first} at first. When it was set to 2, it wanted {second} after the next deployment."
    if (first, second) != (1, 2):
        raise DidNotHold(seen)
    return seen


def service_update_waits(evidence: Evidence) -> str:
    """Whether deploy.sh ended after ECS's deployment, and failed with it."""
    service = evidence.service
    (primary, *_) = [each for each in service.second.done().service["deployments"] if each["status"] == "PRIMARY"]
    if primary["rolloutState"] != "COMPLETED":
        raise DidNotHold(f"When the stack's update had ended, ECS's deployment was {primary['rolloutState']}.")
    if not service.failed.code:
        raise DidNotHold("deploy.sh succeeded with an image whose program ends.")
    (stack,) = evidence.access.cloudformation.describe_stacks(StackName=evidence.run.ecs_stack)["Stacks"]
    if stack["StackStatus"] != ROLLED_BACK:
        raise DidNotHold(f"After an image whose program ends, the stack is {stack['StackStatus']}.")
    return f"ECS's deployment was COMPLETED when deploy.sh ended. With an image that ends, the stack is {ROLLED_BACK}."


def stopped_tasks_listed(evidence: Evidence) -> str:
    """ECS's list of the tasks of a deployment that failed."""
    stopped = evidence.service.failed.stopped
    if not evidence.service.failed.code:
        raise NotTried("No deployment failed.")
    if not stopped:
        raise DidNotHold("ECS lists no stopped task of the image whose program ends.")
    if not all(each.get("startedBy", "").startswith("ecs-svc/") and each.get("stoppedReason") for each in stopped):
        raise DidNotHold("A stopped task has no deployment in `startedBy`, or no `stoppedReason`.")
    if EXIT_CODE not in exit_codes(evidence):
        raise DidNotHold(f"No stopped task has the exit code {EXIT_CODE}, but {exit_codes(evidence)}.")
    return Partly(
        f"ECS lists {len(stopped)} stopped tasks with their deployment, reason and exit code. An hour wasn't waited."
    )


def deployment_failed_event(evidence: Evidence) -> str:
    """Whether ECS sent an event about the deployment that failed."""
    service = evidence.service
    if not service.failed.code:
        raise NotTried("No deployment failed.")
    try:
        event = wait_for(
            "The event about the failed deployment", lambda: service.events.first(FAILED), evidence.patience
        )
    except Late as late:
        raise DidNotHold(str(late)) from late
    started_by = {each.get("startedBy") for each in service.failed.stopped}
    if not event.get("reason") or event.get("deploymentId") not in started_by:
        raise DidNotHold(f"The event's reason is {event.get('reason')}. The deployment isn't that of the tasks.")
    return f"The event names the tasks' deployment, with the reason: {event['reason']}"


def deployment_completed_event(evidence: Evidence) -> str:
    """Whether ECS sent an event about the first deployment."""
    service = evidence.service
    service.first.done()
    try:
        wait_for("The event about the first deployment", lambda: service.events.first(COMPLETED), evidence.patience)
    except Late as late:
        raise DidNotHold(str(late)) from late
    return Partly("ECS sent an event when the first deployment had completed. An event about a rollback wasn't tried.")


def circuit_breaker_count(evidence: Evidence) -> str:
    """How many tasks had failed when ECS gave the deployment up."""
    service = evidence.service
    stopped, event = service.failed.stopped, service.events.first(FAILED)
    if not event:
        raise NotTried("No event says when ECS gave the deployment up.")
    end = datetime.fromisoformat(event["updatedAt"]) + SAME_TIME
    codes = [it.get("exitCode") for each in stopped if each["stoppedAt"] <= end for it in each["containers"]]
    seen = f"ECS gave the deployment up when {codes.count(EXIT_CODE)} tasks had ended."
    if codes.count(EXIT_CODE) != FAILED_TASKS:
        raise DidNotHold(seen)
    return Partly(f"{seen} Failed health checks and more than one desired task weren't tried.")


def service_deployments_list(evidence: Evidence) -> str:
    """Whether `ship history` would see that ECS gave the image up."""
    failed, name = evidence.service.failed, evidence.run.service
    if not failed.code:
        raise NotTried("No deployment failed.")
    if failed.uri.partition("@")[2] not in ecs.given_up(evidence.access, Stack(bucket="", service=name)):
        raise DidNotHold("ListServiceDeployments lists no deployment of the image that ECS gave up.")
    return "ListServiceDeployments lists the deployment that ECS gave up, with the image's digest."


def exit_codes(evidence: Evidence) -> list[int | None]:
    """The exit codes of the failed deployment's containers."""
    return [it.get("exitCode") for each in evidence.service.failed.stopped for it in each["containers"]]


CHECKS = [
    Check("ecs-service-linked-role", ecs_service_linked_role),
    Check("fargate-network", fargate_network),
    Check("deployment-completed-event", deployment_completed_event),
    Check("image-parameter-resolution", image_parameter_resolution),
    Check("express-mode-skips-service", express_mode_skips_service),
    Check("desired-count-left-alone", desired_count_left_alone),
    Check("fargate-arm64-zones", fargate_arm64_zones),
    Check("service-update-waits", service_update_waits),
    Check("stopped-tasks-listed", stopped_tasks_listed),
    Check("deployment-failed-event", deployment_failed_event),
    Check("circuit-breaker-count", circuit_breaker_count),
    Check("service-deployments-list", service_deployments_list),
]
