"""Compares three images: the recorded one, the one that the ECS service should run, and those that its tasks run."""

from collections import Counter
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from ship.asked import Asked
from ship.aws import deployments, ecs_service
from ship.aws.deployments import Deployment
from ship.aws.ecs_service import Place, digest_of
from ship.aws.errors import action_of, is_refusal


@dataclass(frozen=True)
class Difference:
    """How the three images differ, and what to do. `needs_person` says that it stays so until somebody acts."""

    what: str
    to_do: str = ""
    needs_person: bool = False


@dataclass(frozen=True)
class Images:
    """The three images by their digests, or by their names if these have no digest.

    `record` is the follower's, None if nothing follows. `is_followed` is None if the caller can't see that.
    """

    place: Place
    recorded: str
    defined: str
    running: Counter[str] = field(default_factory=Counter)
    desired: int = 1
    record: Deployment | None = None
    is_followed: bool | None = None

    @property
    def are_same(self) -> bool:
        """Whether all tasks run the recorded image. A task definition that names a tag says nothing else."""
        is_defined = self.defined == self.recorded or not self.defined.startswith("sha256:")
        return is_defined and {*self.running} == {self.recorded}


def look(asked: Asked, recorded: str) -> Images | str | None:
    """The three images, given the recorded one's URI.

    Returns None if there is no ECS service. If the caller can't see it, returns the missing permission, but only if
    something follows the stack: otherwise there may be no service.

    Raises:
        ClientError, BotoCoreError: AWS doesn't answer.
    """
    access, stack = asked.access, asked.stack
    record: Deployment | None = None
    unseen = ""
    try:
        record = deployments.newest(access, stack)
    except ClientError as error:
        unseen = permission(error)
    try:
        place = ecs_service.place(access, stack)
        service = ecs_service.find(access, place)
        container = ecs_service.container(access, service, stack) if service else None
        tasks = ecs_service.running_tasks(access, place) if container else []
    except ClientError as error:
        refused = permission(error)
        return refused if record or unseen else None
    if not service or not container:
        return None
    return Images(
        place,
        digest_of(recorded),
        digest_of(container.image) or container.image,
        ecs_service.images(tasks, container.name),
        service.get("desiredCount", 0),
        record,
        None if unseen else record is not None,
    )


def permission(error: ClientError) -> str:
    """The permission that the caller lacks.

    Raises:
        ClientError: the error is another one.
    """
    if not is_refusal(error):
        raise error
    return action_of(error)


def difference(images: Images, asked: Asked) -> Difference | None:
    """What differs and what to do about it. None if the service runs the recorded image."""
    if images.are_same:
        return None
    record = images.record if images.record and digest_of(images.record.image_uri) == images.recorded else None
    doctor = f"To find the cause: {asked.stack.command('doctor')}"
    if record and record.state == "deploying":
        return Difference("The recorded image is being deployed.", "It should run, or be given up, within 30 minutes.")
    if record and record.state == "not-healthy":
        runs = "still runs another image" if images.running else "runs no task"
        why = f"To see the task's last lines: {asked.stack.command('why')}"
        what = f"The service {runs}, because the deployment of the recorded image failed: {record.reason}".rstrip(": ")
        return Difference(what, why, needs_person=True)
    if not images.desired:
        return Difference("The service runs no task: its desired count is 0.", "Set the desired count.", True)
    if record and record.state == "changed":
        return Difference(
            "Somebody changed the service by hand, so it doesn't run the recorded image.",
            "The next image that is recorded will be deployed. To deploy this one, upload its source again.",
        )
    if images.defined == images.recorded:
        return Difference("The service is replacing its tasks with ones that run the recorded image.", doctor)
    if images.is_followed is False:
        return Difference(
            "The service runs another image than the recorded one, and doesn't follow the parameter.",
            "To have it follow, in a clone of Source to ECR: "
            f"examples/ecs-service/auto-deploy.sh {asked.stack.service} {asked.stack.name}",
        )
    if images.is_followed and not record:
        return Difference("The recorded image isn't being deployed yet. That should begin within minutes.", doctor)
    return Difference("The service doesn't run the recorded image.", doctor)
