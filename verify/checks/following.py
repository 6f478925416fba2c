"""Checks of auto-deploy and of the deletion of the service's stack, after those of ECS."""

from local.pipeline import Late
from local.progress import UserError, step
from verify import removal
from verify.checking import Check
from verify.fargate.service import REVISION_TAG
from verify.fargate.sources import BRACES
from verify.gathering.evidence import Evidence
from verify.verdicts import DidNotHold, NotTried

TAG_ACTION = "ecs:TagResource"


def tag_task_definition_on_revisions(evidence: Evidence) -> str:
    """Whether auto-deploy could register a task definition with a tag."""
    followed = evidence.service.followed
    refused = [line for line in followed.refusals if TAG_ACTION in line]
    if refused:
        raise DidNotHold(f"The log of auto-deploy says: {refused[0]}")
    if followed.problem:
        raise NotTried(followed.problem)
    if REVISION_TAG not in followed.tags:
        raise DidNotHold("Auto-deploy registered a revision without its predecessor's tag.")
    return "Auto-deploy registered a revision with its predecessor's tag, and ECS deployed it."


def parameter_value_braces(evidence: Evidence) -> str:
    """Whether auto-deploy could record the lines of a task that printed braces."""
    try:
        record = evidence.service.recorded_failure
    except Late as late:
        raise DidNotHold(str(late)) from late
    if not record.lines:
        raise NotTried("Auto-deploy recorded the failure without the task's lines.")
    if BRACES not in record.lines:
        raise DidNotHold(f"The task printed {BRACES}, and the record has: {' '.join(record.lines)}")
    return f"The parameter of the record has the line {BRACES}, which the task printed."


def service_stack_deletion(evidence: Evidence) -> str:
    """Whether the service's stack can be deleted while tasks run, and what is left of their network interfaces."""
    service, run, ec2 = evidence.service, evidence.run, evidence.access.session.client("ec2")
    _ = service.first
    if not service.described().get("runningCount"):
        raise NotTried("The service runs no task.")
    network = service.described()["networkConfiguration"]["awsvpcConfiguration"]
    used = [{"Name": "group-id", "Values": network["securityGroups"]}]
    if not ec2.describe_network_interfaces(Filters=used)["NetworkInterfaces"]:
        raise NotTried("A task runs, and EC2 lists no network interface with the service's security group.")
    with step("Deleting the service's stacks while a task runs"):
        try:
            for name in (run.auto_deploy_stack, run.ecs_stack):
                removal.delete(evidence.access, name)
        except UserError as error:
            raise DidNotHold(str(error)) from error
    left = ec2.describe_network_interfaces(Filters=used)["NetworkInterfaces"]
    if left:
        raise DidNotHold(f"The stack is deleted, and EC2 lists {len(left)} network interfaces with its security group.")
    return "The stack was deleted while a task ran, and EC2 lists no network interface with its security group."


CHECKS = [
    Check("tag-task-definition-on-revisions", tag_task_definition_on_revisions),
    Check("parameter-value-braces", parameter_value_braces),
    Check("service-stack-deletion", service_stack_deletion),
]
