"""Compares the parameter's image with the one that the ECS service should run, and those that its tasks run."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from core.notifying.deployments import Record
from ship.asked import Asked
from ship.aws import deployments, ecs_service
from ship.aws.ecs_service import ServiceName, digest_of
from ship.aws.errors import is_refusal

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ServiceTypeDef


@dataclass(frozen=True)
class Difference:
    """How the images differ, and what to do: nothing if only `ship doctor` may find the cause.

    `needs_person` says that it stays so until somebody acts.
    """

    what: str
    to_do: str = ""
    needs_person: bool = False

    def advice(self, asked: Asked) -> str:
        """The advice, which may be to run `ship doctor`."""
        return self.to_do or f"To find the cause: {asked.stack.command('doctor')}"


@dataclass(frozen=True)
class Images:
    """An ECS service's images by their digests, or by their names if these have no digest.

    `service` is ECS's description, None if what follows the stack has no service. `record` is auto-deploy's, None if
    nothing follows. `is_followed` is None if the caller can't see that.
    """

    place: ServiceName
    service: "ServiceTypeDef | None" = None
    defined: str = ""
    running: Counter[str] = field(default_factory=Counter)
    record: Record | None = None
    is_followed: bool | None = None

    def are_all(self, digest: str) -> bool:
        """Whether all tasks run this image. A task definition that names a tag says nothing else."""
        is_defined = self.defined == digest or not self.defined.startswith("sha256:")
        return is_defined and {*self.running} == {digest}


def look(asked: Asked) -> Images | None:
    """The images of the ECS service. None if there is no service and nothing follows the stack.

    Raises:
        ClientError, BotoCoreError: AWS refuses, although something may follow the stack, or doesn't answer.
    """
    access, stack = asked.access, asked.stack
    record, is_followed = None, None
    try:
        found = deployments.newest(access, stack.service)
        record, is_followed = found.record if found else None, found is not None
    except ClientError as error:
        if not is_refusal(error):
            raise
    try:
        place = ecs_service.place(access, stack)
        service = ecs_service.find(access, place)
    except ClientError as error:
        if is_refusal(error) and is_followed is False:
            return None
        raise
    images = Images(place, service, record=record, is_followed=is_followed)
    container = ecs_service.container(access, service, stack) if service else None
    if not container:
        return images if is_followed else None
    running = ecs_service.images(ecs_service.running_tasks(access, place), container.name)
    return replace(images, defined=digest_of(container.image) or container.image, running=running)


def difference(images: Images, named: str, asked: Asked) -> Difference | None:
    """How the images differ from the one that the parameter names, given its URI. None if the service runs it."""
    if images.are_all(digest_of(named)):
        return None
    if not images.service:
        return Difference(
            "It doesn't exist, but something follows the parameter for it.",
            f"Deploy the service again, or delete the stack {ecs_service.auto_deploy_stack(asked.stack)}.",
            needs_person=True,
        )
    if not images.service.get("desiredCount"):
        return Difference("The service runs no task: its desired count is 0.", "Set the desired count.", True)
    record = images.record if images.record and images.record.image_uri == named else None
    if record and record.state == "deploying":
        return Difference(
            "The parameter's image is being deployed.", "It should run, or have failed, within 30 minutes."
        )
    if record and record.state == "not-healthy":
        runs = "still runs another image" if images.running else "runs no task"
        why = f"To see the task's last lines: {asked.stack.command('why')}"
        said = f": {record.reason}" if record.reason else "."
        what = f"The service {runs}, because the deployment of the parameter's image failed{said}"
        return Difference(what, why, needs_person=True)
    if record and record.state == "changed":
        return Difference(
            "Somebody changed the service by hand, so it doesn't run the parameter's image.",
            "The next image that is recorded will be deployed. To deploy this one, upload its source again.",
        )
    if images.defined == digest_of(named):
        return Difference("The service is replacing its tasks with ones that run the parameter's image.")
    if images.is_followed is False:
        return Difference(
            "The service runs another image than the parameter names, and doesn't follow the parameter.",
            "To have it follow, in a clone of Source to ECR: "
            f"examples/ecs-service/auto-deploy.sh {asked.stack.service} {asked.stack.name}",
        )
    if images.is_followed and not record:
        return Difference("The parameter's image isn't being deployed yet.")
    return Difference("The service doesn't run the parameter's image.")
