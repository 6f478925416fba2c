"""Explains an upload's status after its deployment, in the words of auto-deploy's record."""

from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from core import reasons
from core.notifying.deployments import Record
from core.reasons import Reason
from ship.aws import cloudformation, deployments
from ship.aws.access import Access
from ship.aws.cloudformation import Stack
from ship.aws.s3 import State

NOT_HEALTHY, OVERTAKEN = "not-healthy", frozenset({"replaced", "rolled-back"})


@dataclass(frozen=True)
class Verdict:
    """Why ECS doesn't run an upload's image: None if no more is known than the status says.

    `log` is the log group and stream of the failed task, if there is one.
    """

    reason: Reason | None = None
    log: str | None = None


def explained(access: Access, stack: Stack, state: State) -> Verdict:
    """Why ECS doesn't run an upload's image, if a record that the caller can read says more than the status."""
    service = deployments.service_of(stack, state.image_uri)
    if state.name not in {NOT_HEALTHY, *OVERTAKEN} or not service:
        return Verdict()
    try:
        found = deployments.newest(access, service)
        record = found.record if found else None
        if found and state.name == NOT_HEALTHY and not deployments.is_failure(record, state.image_uri):
            record = deployments.failure_of(access, service, state.image_uri)
    except (BotoCoreError, ClientError):  # the status has the reason as well, in short
        return Verdict()
    return verdict_in(record, state) if record else Verdict()


def verdict_in(record: Record, state: State) -> Verdict:
    """Why ECS doesn't run an upload's image, as a record says."""
    if state.name == NOT_HEALTHY:
        return Verdict(reasons.not_healthy(record.reason, record.exit_code, record.lines), record.log)
    said = reasons.parsed(state.reason).sentence
    if record.state == "deploying" and record.image_uri != state.image_uri:
        return Verdict(Reason(state.name, f"{said} ECS deploys {record.image_uri} now."))
    if record.running and record.running != state.image_uri:
        return Verdict(Reason(state.name, f"{said} ECS runs {record.running} now."))
    return Verdict()


def address(access: Access, stack: Stack) -> str:
    """The address of the service that `examples/ecs-service` creates. Empty if there is none or it can't be seen."""
    if not stack.is_known:
        return ""
    try:
        found = cloudformation.one(access, f"{stack.service}-ecs")
    except (BotoCoreError, ClientError):
        return ""
    return cloudformation.outputs_of(found).get("Url", "") if found else ""
