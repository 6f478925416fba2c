"""Hints for a deployment that can't start or has failed: text with commands to paste."""

from dataclasses import dataclass
from shlex import quote

# In these states, CloudFormation can only delete the stack.
LEFTOVERS = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}
LEFTOVER = """\
The stack {stack} is in the state {status}, in which CloudFormation can only delete it. Delete it, then deploy again:

  [ "$(aws cloudformation describe-stacks --region {region} --stack-name {stack} \\
    --query 'Stacks[0].StackStatus' --output text)" = {status} ] &&
    aws cloudformation delete-stack --region {region} --stack-name {stack} &&
    aws cloudformation wait stack-delete-complete --region {region} --stack-name {stack}
"""
HALF_ROLLED_BACK = """\
The stack {stack} is in the state {status}. Have CloudFormation leave the service out, then deploy again:

  aws cloudformation continue-update-rollback --region {region} --stack-name {stack} --resources-to-skip Service &&
    aws cloudformation wait stack-rollback-complete --region {region} --stack-name {stack}
"""
BUSY = """\
The stack {stack} is in the state {status}. Wait until CloudFormation is done with it, then deploy again.
"""
PUT_BACK = """\
CloudFormation put back the task definition of its own last deployment, with another image than the service had:
  before: {before}
  now:    {running}
Put the image from before into the parameter. A service that follows the parameter then runs it; any other runs it
after the next deploy.sh:

  aws ssm put-parameter --region {region} --overwrite --name {parameter} --description 'Rolled back' \\
    --value {before}
"""
NOT_UPDATED = """\
The stack is deployed, but the service doesn't run the image that the parameter names:
  service:   {running}
  parameter: {named}
Either ECS gave this image up in an earlier deployment, or somebody deployed the stack in CloudFormation's express mode,
which can leave a service on its old image. To deploy the stack's task definition to the service:

  aws ecs update-service --region {region} --cluster {service} --service {service} --task-definition {service} \\
    --query service.taskDefinition &&
    aws ecs wait services-stable --region {region} --cluster {service} --services {service}
"""


@dataclass(frozen=True)
class Hints:
    """The names that the commands need."""

    service: str
    stack: str
    parameter: str
    region: str

    def refusal(self, status: str | None) -> str | None:
        """Why a stack in this state can't be deployed. None if it can be, or if there is no stack."""
        if not status:
            return None
        if status in LEFTOVERS:
            return self.filled(LEFTOVER, status=status)
        if status == "UPDATE_ROLLBACK_FAILED":
            return self.filled(HALF_ROLLED_BACK, status=status)
        return self.filled(BUSY, status=status) if status.endswith("_IN_PROGRESS") else None

    def after_failure(self, status: str | None, before: str | None, running: str | None) -> str:
        """The state after a failed deployment, and the way back to the image that the service ran before."""
        if reason := self.refusal(status):
            return reason
        if before and running != before:
            return self.filled(PUT_BACK, before=before, running=running or "nothing")
        return f"The service still runs {running}" if running else "Nothing runs."

    def not_updated(self, running: str | None, named: str) -> str:
        """The advice if the stack is deployed, but the service doesn't run the recorded image."""
        return self.filled(NOT_UPDATED, running=running or "nothing", named=named)

    def filled(self, text: str, **values: str) -> str:
        """The text with these values, each quoted for a shell."""
        names = {"service": self.service, "stack": self.stack, "parameter": self.parameter, "region": self.region}
        return text.format(**{name: quote(value) for name, value in (names | values).items()})
