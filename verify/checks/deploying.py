"""Checks of deployments, and of what the caller's own credentials may do."""

from botocore.exceptions import ClientError

from ship.aws.errors import is_refusal
from verify.checking import Check
from verify.gathering.evidence import Evidence
from verify.gathering.quotas import QUOTA
from verify.verdicts import DidNotHold, NotTried, Partly

EXISTS = ("already exists", "AlreadyExists", "ResourceExistenceCheck")
"""One of them is in each of the two errors on the page on adoption."""
BUCKET = "AWS::S3::Bucket"


def quota_names(evidence: Evidence) -> str:
    """Whether Service Quotas names the quotas as `ship doctor` looks for them."""
    pages = evidence.access.quotas.get_paginator("list_service_quotas").paginate(ServiceCode="codebuild")
    quotas = {quota["QuotaName"]: quota["Value"] for page in pages for quota in page["Quotas"]}
    if not quotas:
        raise NotTried("Service Quotas lists no quotas of CodeBuild.")
    found = {name: value for name, value in quotas.items() if QUOTA in name}
    if not found:
        raise DidNotHold(f"Service Quotas lists {len(quotas)} quotas of CodeBuild, none with `{QUOTA}`.")
    return "; ".join(f"{name}: {value:.0f}" for name, value in found.items())


def deployer_policy(evidence: Evidence) -> str:
    """Whether the stack was deployed by somebody who can't do more than the deployer's policy allows."""
    if not evidence.pipeline.outputs:
        raise DidNotHold("The stack has no outputs.")
    try:
        evidence.access.session.client("iam").list_users(MaxItems=1)
    except ClientError as error:
        if not is_refusal(error):
            raise
        return Partly("The stack was deployed with credentials that may not list users. Its deletion comes at the end.")
    raise NotTried("The stack was deployed, but with credentials that may do more than the policy allows.")


def describe_stacks_by_name(evidence: Evidence) -> str:
    """Whether DescribeStacks finds the stack by its name, with a permission on its ARN only."""
    try:
        evidence.access.cloudformation.describe_stacks(StackName=evidence.pipeline.stack)
    except ClientError as error:
        if not is_refusal(error):
            raise
        raise DidNotHold("DescribeStacks was refused with the stack's name.") from error
    try:
        evidence.access.cloudformation.describe_stacks()
    except ClientError as error:
        if not is_refusal(error):
            raise
        return "DescribeStacks found the stack by its name. Without a name it was refused."
    raise NotTried("These credentials may describe all stacks.")


def adoption_error(evidence: Evidence) -> str:
    """The words of a deployment whose repository exists."""
    said = evidence.second_deployment
    if not any(word in said for word in EXISTS):
        if evidence.run.service not in said or "Repository" not in said:
            raise NotTried(f"The second stack's deployment failed for another reason: {said[-500:]}")
        raise DidNotHold(f"The deployment failed with other words: {said[-500:]}")
    return "The second stack's deployment failed and said that the repository exists."


def failed_first_deployment(evidence: Evidence) -> str:
    """The remains of a first deployment that failed."""
    if BUCKET not in evidence.deleted_stack.made:
        raise NotTried("The second stack's deployment failed before it created a bucket.")
    buckets = evidence.access.s3.list_buckets()["Buckets"]
    left = [each["Name"] for each in buckets if each["Name"].startswith(evidence.run.second_stack)]
    if left:
        raise DidNotHold(f"{len(left)} bucket is left.")
    return Partly("The failed stack had created a bucket and left none. It created no repository.")


def deleted_stack_described(evidence: Evidence) -> str:
    """CloudFormation's description of the second stack once it is deleted, by its id."""
    stack = evidence.deleted_stack
    if stack.described is None:
        raise DidNotHold("CloudFormation doesn't describe the deleted stack by its id.")
    if not stack.described.get("Description"):
        raise DidNotHold("CloudFormation describes the deleted stack without its description.")
    if not stack.deletions:
        raise DidNotHold("CloudFormation lists no event of the stack's deletion.")
    return Partly("The deleted stack has its description and its events. It kept nothing, and 90 days weren't waited.")


CHECKS = [
    Check("quota-names", quota_names),
    Check("deployer-policy", deployer_policy),
    Check("describe-stacks-by-name", describe_stacks_by_name),
]
LAST = [
    Check("adoption-error", adoption_error),
    Check("failed-first-deployment", failed_first_deployment),
    Check("deleted-stack-described", deleted_stack_described),
]
"""These deploy once more, so they come last."""
