"""Follows the deployment of a recorded image, as the record of the service's follower shows it."""

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
BY_STATUS = "The upload's status will show the result."


@dataclass
class DeploymentFollower:
    """Follows the deployment of one upload's image. If the caller can't see it, it relies on the upload's status."""

    access: Access
    stack: Stack
    stage: str = RECORDED
    """What the recorded image waits for, in words."""
    _is_unseen: bool = False

    def look(self, image_uri: str) -> None:
        """Looks whether the image is being deployed.

        Raises:
            ClientError, BotoCoreError: AWS doesn't answer.
        """
        if self._is_unseen or not self.stack.is_known:
            return
        try:
            found = deployments.newest(self.access, self.stack)
        except ClientError as error:
            if not is_refusal(error):
                raise
            self._is_unseen = True
            return
        is_deploying = found is not None and found.state == "deploying" and found.image_uri == image_uri
        self.stage = DEPLOYING if is_deploying else RECORDED


def require_follower(asked: Asked, terminal: Terminal) -> None:
    """Checks that something deploys recorded images and reports the results. Warns if the caller can't see that.

    Raises:
        Problem: nothing does.
        ClientError, BotoCoreError: AWS doesn't answer.
    """
    stack = asked.stack
    if not stack.is_known:
        what = "Only the bucket is known, so ship can't check whether an ECS service follows the stack."
        terminal.report(WARNING, what, BY_STATUS)
        return
    try:
        found = deployments.newest(asked.access, stack)
    except ClientError as error:
        if not is_refusal(error):
            raise
        what = f"You can't see whether an ECS service follows the stack without the permission {action_of(error)}."
        terminal.report(WARNING, what, BY_STATUS)
        return
    if found is None:
        raise Problem(
            f"No ECS service follows {stack.parameter}, so nothing reports whether the image runs.",
            "Leave out --until running. Or have a service follow it, in a clone of Source to ECR: "
            f"examples/ecs-service/auto-deploy.sh {stack.service} {stack.name}",
        )
