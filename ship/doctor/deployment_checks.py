"""Checks of the ECS service that runs the recorded image, and of what follows the parameter for it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from aws import ssm
from ship.asked import Asked
from ship.aws import cloudformation, deployments, ecs_service
from ship.aws.ecs_service import Place
from ship.aws.errors import is_refusal
from ship.deployments import comparison
from ship.doctor.findings import OK, PROBLEM, WARNING, Finding
from ship.doctor.stack_checks import messages
from ship.terminal import moment

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ServiceTypeDef

LONGEST_LOOK = timedelta(minutes=40)
"""A follower looks every five minutes, and gives a deployment up after 30."""


def of_service(asked: Asked) -> Iterator[Finding]:
    """Whether the ECS service exists, runs the recorded image, and has room. Nothing if there is no ECS service."""
    is_followed = deployments.newest(asked.access, asked.stack) is not None
    place = ecs_service.place(asked.access, asked.stack)
    try:
        service = ecs_service.find(asked.access, place)
    except ClientError as error:
        if is_refusal(error) and not is_followed:
            return
        raise
    if service:
        yield from of_images(asked, place)
        yield from of_room(place, service)
    elif is_followed:
        yield Finding(
            PROBLEM,
            f"Something follows {asked.stack.parameter} for the {place}, which doesn't exist.",
            f"Deploy the service again, or delete the stack {ecs_service.follower_stack(asked.stack)}.",
        )


def of_images(asked: Asked, place: Place) -> Iterator[Finding]:
    """Whether the service runs the recorded image."""
    history = ssm.history(asked.access.ssm, asked.stack.parameter)
    images = comparison.look(asked, history[-1]["Value"]) if history else None
    if images is None or isinstance(images, str):
        return
    difference = comparison.difference(images, asked)
    if difference is None:
        yield Finding(OK, f"The {place} runs the recorded image.")
        return
    level = PROBLEM if difference.needs_person else WARNING
    yield Finding(level, f"The {place}: {difference.what}", difference.to_do)


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
    record = deployments.newest(asked.access, asked.stack)
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
