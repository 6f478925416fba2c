"""Explains an upload's status after its deployment, in the words of the follower's record."""

from botocore.exceptions import BotoCoreError, ClientError

from core import reasons
from core.reasons import Reason
from ship.aws import cloudformation, deployments
from ship.aws.access import Access
from ship.aws.cloudformation import Stack
from ship.aws.deployments import Deployment
from ship.aws.s3 import State

NOT_HEALTHY, OVERTAKEN = "not-healthy", frozenset({"replaced", "rolled-back"})


def explained(access: Access, state: State) -> Reason | None:
    """Why ECS doesn't run an upload's image, if a record that the caller can read says more than the status."""
    if state.name not in {NOT_HEALTHY, *OVERTAKEN}:
        return None
    try:
        found = deployments.newest(access, deployments.service_in(state.image_uri))
        if found and state.name == NOT_HEALTHY and not found.is_failure_of(state.image_uri):
            found = deployments.failure_of(access, state.image_uri)
    except (BotoCoreError, ClientError):  # the status has the reason as well, in short
        return None
    return reason_in(found, state) if found else None


def reason_in(found: Deployment, state: State) -> Reason | None:
    """Why ECS doesn't run an upload's image, as a record says. None if it is about another image."""
    if state.name in OVERTAKEN:
        return overtaken(found, state)
    if not found.is_failure_of(state.image_uri):
        return None
    ended = f"Its task ended with exit code {found.exit_code}." if found.exit_code else ""
    log = f"The task's log: {found.log}" if found.log else ""
    said = found.reason or "ECS gave the deployment up."
    return Reason(NOT_HEALTHY, " ".join(filter(None, [said, ended, log])), found.lines)


def overtaken(found: Deployment, state: State) -> Reason | None:
    """By which image the upload's was replaced. None if the record doesn't name another."""
    said = reasons.parsed(state.reason)
    if found.state == "deploying" and found.image_uri != state.image_uri:
        return Reason(state.name, f"{said.sentence} ECS deploys {found.image_uri} now.")
    if found.running and found.running != state.image_uri:
        return Reason(state.name, f"{said.sentence} ECS runs {found.running} now.")
    return None


def address(access: Access, stack: Stack) -> str:
    """The address of the service that `examples/ecs-service` creates. Empty if there is none or it can't be seen."""
    if not stack.is_known:
        return ""
    try:
        found = cloudformation.one(access, f"{stack.service}-ecs")
    except (BotoCoreError, ClientError):
        return ""
    return cloudformation.outputs_of(found).get("Url", "") if found else ""
