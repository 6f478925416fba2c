"""Checks of the ECS service that runs the recorded image, and of what follows the parameter for it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aws import ssm
from ship.asked import Asked
from ship.aws import cloudformation, deployments, ecs_service
from ship.aws.deployments import Deployment
from ship.aws.ecs_service import Place
from ship.deployments import comparison
from ship.doctor.findings import OK, PROBLEM, WARNING, Finding
from ship.doctor.stack_checks import messages
from ship.terminal import moment

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ServiceTypeDef

LONGEST_LOOK = timedelta(minutes=40)
"""auto-deploy looks every five minutes, and gives a deployment up after 30."""


def of_service(asked: Asked) -> Iterator[Finding]:
    """Whether the ECS service runs the recorded image, and has room. Nothing if there is no ECS service."""
    images = comparison.look(asked)
    history = ssm.history(asked.access.ssm, asked.stack.parameter) if images else []
    if not images or not history:
        return
    difference = comparison.difference(images, history[-1]["Value"], asked)
    if difference is None:
        yield Finding(OK, f"The {images.place} runs the recorded image.")
    else:
        level = PROBLEM if difference.needs_person else WARNING
        yield Finding(level, f"The {images.place}: {difference.what}", difference.to_do)
    if images.service:
        yield from of_room(images.place, images.service)


def of_room(place: Place, service: "ServiceTypeDef") -> Iterator[Finding]:
    """Whether ECS found no room for a task."""
    if said := ecs_service.unplaced(service, datetime.now(UTC) - LONGEST_LOOK):
        yield Finding(
            PROBLEM,
            f"ECS has no room for a task of the {place}. It says: {said}",
            "Give the cluster more capacity, or the tasks less CPU and memory, or another subnet.",
        )


def of_follower(asked: Asked) -> Iterator[Finding]:
    """Whether auto-deploy looks at its service, and what it couldn't handle. Nothing if it isn't deployed."""
    found = deployments.newest(asked.access, asked.stack.service)
    if found is None:
        return
    stack = ecs_service.auto_deploy_stack(asked.stack)
    log = f"Its log says why: the output LogGroup of the stack {stack}."
    if datetime.now(UTC) - found.since > LONGEST_LOOK and is_due(asked, found):
        done = "looked at its deployment" if found.record else "looked at its service"
        yield Finding(PROBLEM, f"{stack} hasn't {done} since {moment(found.since)}.", log)
    described = cloudformation.one(asked.access, stack)
    queue = cloudformation.outputs_of(described).get("DeadLettersUrl") if described else None
    if queue and (failed := messages(asked, queue)):
        yield Finding(PROBLEM, f"Messages that {stack} couldn't handle: {failed}.", log)


def is_due(asked: Asked, found: Deployment) -> bool:
    """Whether auto-deploy has something to look at: a deployment, or a recorded image that it hasn't seen."""
    if found.record:
        return found.record.state == "deploying"
    return bool(ssm.history(asked.access.ssm, asked.stack.parameter))
