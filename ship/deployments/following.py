"""Follows the deployment of a recorded image, as auto-deploy's record shows it."""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from ship.asked import Asked
from ship.aws import deployments
from ship.aws.access import Access
from ship.aws.cloudformation import Stack
from ship.aws.errors import action_of, is_refusal
from ship.problem import Problem
from ship.terminal import WARNING, Terminal

RECORDED = "recorded; waiting until ECS runs it"
DEPLOYING = "recorded; ECS deploys it"


@dataclass
class DeploymentFollower:
    """Follows the deployment of one upload's image. If the caller can't see it, it relies on the upload's status."""

    access: Access
    stack: Stack
    stage: str = RECORDED
    """The recorded image's present stage, in words."""
    _is_unseen: bool = False

    def look(self, image_uri: str) -> None:
        """Looks whether the image is being deployed.

        Raises:
            Problem: nothing deploys it.
            ClientError, BotoCoreError: AWS doesn't answer.
        """
        if self._is_unseen:
            return
        service = deployments.service_of(self.stack, image_uri)
        try:
            found = deployments.newest(self.access, service)
        except ClientError as error:
            if not is_refusal(error):
                raise
            self._is_unseen = True
            return
        if found is None:
            raise no_follower(service, self.stack)
        record = found.of(image_uri)
        self.stage = DEPLOYING if record and record.state == "deploying" else RECORDED


def require_follower(asked: Asked, terminal: Terminal) -> None:
    """Checks that something deploys recorded images and reports the results. Warns if the caller can't see that.

    Raises:
        Problem: nothing does.
        ClientError, BotoCoreError: AWS doesn't answer.
    """
    stack = asked.stack
    if not stack.is_known:
        what = "With the bucket alone, ship can't check yet whether an ECS service follows the stack."
        terminal.report(WARNING, what)
        return
    try:
        found = deployments.newest(asked.access, stack.service)
    except ClientError as error:
        if not is_refusal(error):
            raise
        what = f"You can't see whether an ECS service follows the stack without the permission {action_of(error)}."
        terminal.report(WARNING, what, "The upload's status will show the result.")
        return
    if found is None:
        raise no_follower(stack.service, stack)


def no_follower(service: str, stack: Stack) -> Problem:
    """The problem that no ECS service runs the recorded images of this service's stack."""
    return Problem(
        f"No ECS service follows /{service}/image-uri, so nothing reports whether the image runs.",
        "Leave out --until running. Or have a service follow it, in a clone of Source to ECR: "
        f"examples/ecs-service/auto-deploy.sh {service} {stack.name or 'STACK'}",
    )
