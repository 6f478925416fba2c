"""Checks of the ECS service that runs the recorded image, and of what follows the parameter for it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aws import ssm
from ship.asked import Asked
from ship.aws import cloudformation, deployments, ecs_service
from ship.aws.deployments import Deployment
from ship.aws.ecs_service import ServiceName, digest_of
from ship.deployments import comparison
from ship.deployments.comparison import Images
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
        yield Finding(OK, f"The {images.place} runs the parameter's image.")
    else:
        level = PROBLEM if difference.needs_person else WARNING
        to_do = difference.to_do or where_it_says_more(asked, images, history[-1]["Value"])
        yield Finding(level, f"The {images.place}: {difference.what}", to_do)
    if images.service:
        yield from of_room(images.place, images.service)


def where_it_says_more(asked: Asked, images: Images, named: str) -> str:
    """Where somebody finds the cause if the images differ for no known reason."""
    is_seen = images.record is not None and images.record.image_uri == named
    if images.is_followed and not is_seen and images.defined != digest_of(named):
        stack = ecs_service.auto_deploy_stack(asked.stack)
        return f"{stack} looks every five minutes. Its log says more: the output LogGroup of the stack {stack}."
    return "The service's events in the ECS console say more."


def of_room(place: ServiceName, service: "ServiceTypeDef") -> Iterator[Finding]:
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
    due = due_since(asked, found)
    if due and datetime.now(UTC) - due > LONGEST_LOOK:
        what = "looked at its deployment" if is_deploying(found) else "handled the parameter's image"
        further = "Its alarm DeadLettersAlarm shows if messages failed. If the log has nothing new, redeploy the stack."
        yield Finding(PROBLEM, f"{stack} hasn't {what} since {moment(due)}.", f"{log} {further}")
    described = cloudformation.one(asked.access, stack)
    queue = cloudformation.outputs_of(described).get("DeadLettersUrl") if described else None
    if queue and (failed := messages(asked, queue)):
        yield Finding(PROBLEM, f"Messages that {stack} couldn't handle: {failed}.", log)


def due_since(asked: Asked, found: Deployment) -> datetime | None:
    """Since when auto-deploy has to look at a deployment, or at a version of the parameter that it has no record of."""
    if is_deploying(found):
        return found.since
    history = ssm.history(asked.access.ssm, asked.stack.parameter)
    if not history:
        return None
    named = history[-1]
    record = found.of(named["Value"])
    if record and record.version in {None, named["Version"]}:
        return None
    return max(found.since, named["LastModifiedDate"])


def is_deploying(found: Deployment) -> bool:
    """Whether the record says that a deployment goes on."""
    return found.record is not None and found.record.state == "deploying"
