"""Looks up the images that ECS gave up, as far as the caller can see them."""

from botocore.exceptions import BotoCoreError, ClientError

from ship.asked import Asked
from ship.aws import deployments, ecs
from ship.aws.errors import problem_of
from ship.terminal import WARNING, Terminal


def given_up(asked: Asked, terminal: Terminal) -> frozenset[str] | None:
    """The digests of the images that ECS gave up or that never got healthy. None, with a warning, if a lookup fails."""
    access, stack = asked.access, asked.stack
    try:
        return ecs.given_up(access, stack) | deployments.given_up(access, stack.service)
    except (BotoCoreError, ClientError) as error:
        what = f"Couldn't check whether ECS gave up one of the images. {problem_of(error).what}"
        terminal.report(WARNING, what)
        return None
