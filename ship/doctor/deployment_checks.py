"""Checks of the ECS service that runs the recorded image, and of what follows the parameter for it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aws import ssm
from ship.asked import Asked
from ship.aws import cloudformation, deployments, ecs_service
from ship.aws.ecs_service import Place
from ship.deployments import comparison
from ship.doctor.findings import OK, PROBLEM, WARNING, Finding
from ship.doctor.stack_checks import messages
from ship.terminal import moment

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ServiceTypeDef

LONGEST_LOOK = timedelta(minutes=40)
"""A follower looks every five minutes, and gives a deployment up after 30."""


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
    """Whether the follower looks at its service, and what it couldn't handle. Nothing if nothing follows."""
    record = deployments.newest(asked.access, asked.stack.service)
    if record is None:
        return
    stack = ecs_service.follower_stack(asked.stack)
    log = f"Its log says why: the output LogGroup of the stack {stack}."
    since = datetime.now(UTC) - record.since
    if record.state in {"new", "deploying"} and since > LONGEST_LOOK and is_due(asked, record.state):
        done = "has never looked at its service" if record.state == "new" else "hasn't looked at its deployment"
        what = f"The follower of {asked.stack.parameter} {done} since {moment(record.since)}."
        yield Finding(PROBLEM, what, log)
    found = cloudformation.one(asked.access, stack)
    queue = cloudformation.outputs_of(found).get("DeadLettersUrl") if found else None
    if queue and (failed := messages(asked, queue)):
        yield Finding(PROBLEM, f"Deployments that the follower gave up trying: {failed}.", log)


def is_due(asked: Asked, state: str) -> bool:
    """Whether there is something to look at: before the first recorded image, nothing is."""
    return state != "new" or bool(ssm.history(asked.access.ssm, asked.stack.parameter))
