"""Finds what exists of an installation: its stacks, and what they left behind."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from ship.aws.access import Access
from ship.aws.cloudformation import outputs_of, parameters_of
from tools.uninstall.plan import OWN_STACKS, Attachment, Found, Kind, Stack
from tools.uninstall.things import found_or_none, measured

KINDS = {
    "AWS::S3::Bucket": Kind.BUCKET,
    "AWS::ECR::Repository": Kind.REPOSITORY,
    "AWS::Logs::LogGroup": Kind.LOG_GROUP,
}
OURS, PIPELINE = "Source to ECR", "Source to ECR. Upload a source zip"
"""In the description of each of our templates, and at the beginning of template.yaml's."""
SAM = "aws-sam-cli-managed-default"
"""The stack of SAM CLI's own bucket."""
HOLDERS = ("User", "Group", "Role")
UPLOAD_QUEUES = ("UploadQueueUrl", "UploadDeadLettersUrl")
COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


@dataclass(frozen=True)
class Record:
    """CloudFormation's record of a stack, which it keeps for 90 days after a deletion (API reference of ListStacks)."""

    answer: dict[str, Any]

    @property
    def exists(self) -> bool:
        """Whether the stack exists still."""
        return bool(self.answer["StackStatus"] != "DELETE_COMPLETE")

    @property
    def is_pipeline(self) -> bool:
        """Whether the stack was made from template.yaml."""
        return bool(self.answer.get("Description", "").startswith(PIPELINE))

    def uses(self, pipeline: str, service: str) -> bool:
        """Whether the stack was made from one of our other templates, for this pipeline's stack and service."""
        parameters = {"StackName": pipeline, "ServiceName": service} | self.parameters
        is_for_it = (parameters["StackName"], parameters["ServiceName"]) == (pipeline, service)
        return OURS in self.answer.get("Description", "") and not self.is_pipeline and is_for_it

    @property
    def name(self) -> str:
        """The stack's name."""
        return str(self.answer["StackName"])

    @property
    def used_names(self) -> set[str]:
        """The names of a pipeline's bucket, repository and parameter."""
        names = {self.outputs.get("SourceBucketName"), self.service, f"/{self.service}/image-uri"}
        return {name for name in names if name}

    @property
    def service(self) -> str:
        """The parameter ServiceName."""
        return self.parameters.get("ServiceName", "")

    @property
    def outputs(self) -> dict[str, str]:
        """The stack's outputs."""
        return outputs_of(self.answer)  # type: ignore[arg-type]

    @property
    def parameters(self) -> dict[str, str]:
        """The stack's parameters."""
        return parameters_of(self.answer)  # type: ignore[arg-type]


def look(access: Access, name: str, *, deletes_data: bool) -> Found:
    """The existing parts of this stack's installation. `deletes_data` also looks for other stacks that use it.

    Raises:
        botocore.exceptions.ClientError: AWS refused a request.
    """
    ids = stack_ids(access)
    pipelines = [record(access, each) for each in ids.get(name, [])]
    pipeline = next((each for each in pipelines if each.exists), None)
    left = [thing for each in pipelines if each.is_pipeline for thing in left_by(access, each)]
    services = [thing for kind, thing in left if kind is Kind.REPOSITORY]  # which has the service's name
    if pipeline and pipeline.is_pipeline and pipeline.service not in services:
        services.append(pipeline.service)
    users: list[Record] = []
    used: dict[str, str] = {}
    for service in dict.fromkeys(services):
        left.append((Kind.PARAMETER, f"/{service}/image-uri"))
        ours = [each for each in own_stacks(access, ids, service) if each.uses(name, service)]
        # Without the pipeline, a stack that exists was made later, or for another pipeline. It keeps what it uses.
        stays = [each for each in ours if each.exists and not (pipeline and pipeline.service == service)]
        used |= {what: each.name for each in stays for what in (service, f"/{service}/image-uri")}
        goes = [each for each in ours if each not in stays]
        left += [thing for each in goes for thing in left_by(access, each)]
        users += [each for each in goes if each.exists]
    if deletes_data:
        used |= used_by_others(access, name)
    things = [thing for kind, each in dict.fromkeys(left) if (thing := measured(access, kind, each))]
    return Found(
        pipeline=stack(access, pipeline) if pipeline else None,
        users=tuple(stack(access, each) for each in users),
        things=tuple(replace(thing, used_by=used.get(thing.name, "")) for thing in things),
        lost=waiting(access, pipeline.outputs) if pipeline and pipeline.is_pipeline else 0,
        has_sam_bucket=SAM in ids,
    )


def own_stacks(access: Access, ids: dict[str, list[str]], service: str) -> list[Record]:
    """The records of the stacks that have the names of those that use a pipeline, in the order of their deletion."""
    return [record(access, each) for ending in OWN_STACKS for each in ids.get(f"{service}-{ending}", [])]


def stack_ids(access: Access) -> dict[str, list[str]]:
    """The ids of the stacks with each name, the deleted ones of the last 90 days included."""
    ids: dict[str, list[str]] = {}
    # assumes: deleted-stack-described
    for page in access.cloudformation.get_paginator("list_stacks").paginate():
        for each in page["StackSummaries"]:
            ids.setdefault(each["StackName"], []).append(each["StackId"])
    return ids


def record(access: Access, stack_id: str) -> Record:
    """The record of one stack."""
    (answer,) = access.cloudformation.describe_stacks(StackName=stack_id)["Stacks"]
    return Record(dict(answer))


def stack(access: Access, found: Record) -> Stack:
    """A stack as the plan needs it."""
    exports = [each["ExportName"] for each in found.answer.get("Outputs", []) if "ExportName" in each]
    return Stack(
        name=found.name,
        id=found.answer["StackId"],
        status=found.answer["StackStatus"],
        is_pipeline=found.is_pipeline,
        is_protected=found.answer.get("EnableTerminationProtection", False),
        importers=tuple(sorted({each for export in exports for each in importers(access, export)})),
        role=found.outputs.get("RoleArn", "").rpartition("/")[2],
        attached=tuple(attachments(access, found.outputs)),
    )


def importers(access: Access, export: str) -> list[str]:
    """The names of the stacks that import an export."""
    try:
        pages = access.cloudformation.get_paginator("list_imports").paginate(ExportName=export)
        return [each for page in pages for each in page["Imports"]]
    except ClientError as error:
        if "is not imported by any stack" in str(error) or "does not exist" in str(error):
            return []
        raise


def attachments(access: Access, outputs: dict[str, str]) -> Iterator[Attachment]:
    """Who has the policies that a stack's outputs name."""
    pages = access.session.client("iam").get_paginator("list_entities_for_policy")
    for policy in (value for name, value in outputs.items() if name.endswith("PolicyArn")):
        found: list[Any] = found_or_none(lambda arn=policy: list(pages.paginate(PolicyArn=arn))) or []  # type: ignore[misc]
        entities = ((kind, each) for page in found for kind in HOLDERS for each in page[f"Policy{kind}s"])
        yield from (Attachment(kind.lower(), each[f"{kind}Name"], policy) for kind, each in entities)


def left_by(access: Access, found: Record) -> Iterator[tuple[Kind, str]]:
    """The resources that outlive a stack: those in its outputs, and those that its deletion skipped."""
    outputs = found.outputs
    if "SourceBucketName" in outputs:
        yield Kind.BUCKET, outputs["SourceBucketName"]
        yield Kind.REPOSITORY, outputs["RepositoryUri"].partition("/")[2]
    if found.name.endswith("-ecs") and "LogGroup" in outputs:
        yield Kind.LOG_GROUP, outputs["LogGroup"]
    # assumes: deleted-stack-described
    pages = access.cloudformation.get_paginator("describe_stack_events").paginate(StackName=found.answer["StackId"])
    for event in (event for page in pages for event in page["StackEvents"]):
        if event.get("ResourceStatus") == "DELETE_SKIPPED" and event["ResourceType"] in KINDS:
            yield KINDS[event["ResourceType"]], event["PhysicalResourceId"]


def used_by_others(access: Access, name: str) -> dict[str, str]:
    """The other pipelines that exist, by the names of what they use."""
    pages = access.cloudformation.get_paginator("describe_stacks").paginate()
    found = [Record(dict(answer)) for page in pages for answer in page["Stacks"]]
    others = [each for each in found if each.is_pipeline and each.name != name]
    return {thing: each.name for each in others for thing in each.used_names}


def waiting(access: Access, outputs: dict[str, str]) -> int:
    """How many uploads wait in the queues."""
    urls = [outputs[name] for name in UPLOAD_QUEUES if name in outputs]
    return sum(found_or_none(partial(counts, access, url)) or 0 for url in urls)


def counts(access: Access, url: str) -> int:
    """The number of messages in a queue, including those in flight."""
    attributes = access.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(COUNTS))["Attributes"]  # type: ignore[arg-type]
    return sum(int(number) for number in attributes.values())
