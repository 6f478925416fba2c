"""What operators do with the stack's queues, functions and images, through AWS's APIs."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from local.pipeline import Pipeline, Upload, variables, wait_for
from local.sources.samples import slow
from tests.e2e.support.waiting import SECONDS


@contextmanager
def without_polling(pipeline: Pipeline, function: str) -> Iterator[None]:
    """While the block runs, the function's queue isn't polled."""
    client = pipeline.client("lambda")
    (mapping,) = client.list_event_source_mappings(FunctionName=pipeline.physical(function))["EventSourceMappings"]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
    finally:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


@contextmanager
def impatient(pipeline: Pipeline, queue: str, seconds: int) -> Iterator[None]:
    """While the block runs, what fails comes back to the function after seconds, not after three minutes."""
    client, url = pipeline.client("sqs"), pipeline.physical(queue)
    before = client.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    client.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})
    try:
        yield
    finally:
        client.set_queue_attributes(QueueUrl=url, Attributes=before)


@contextmanager
def busy(pipeline: Pipeline) -> Iterator[None]:
    """While the block runs, a build occupies the machine, and others wait in CodeBuild's queue."""
    ahead = pipeline.upload("ahead.zip", slow("ahead", 600))
    (build,) = wait_for("A build ahead", lambda: pipeline.builds(ahead), SECONDS)
    try:
        yield
    finally:
        pipeline.codebuild.stop_build(id=build["id"])


def tag(pipeline: Pipeline, upload: Upload, image_tag: str) -> None:
    """Gives an upload's image another build tag, as if the build of that one's upload had ended."""
    tag_digest(pipeline, pipeline.image_of(upload).partition("@")[2], image_tag)


def tag_digest(pipeline: Pipeline, digest: str, image_tag: str) -> None:
    """Gives an image another build tag."""
    (image,) = pipeline.ecr.batch_get_image(repositoryName=pipeline.repository, imageIds=[{"imageDigest": digest}])[
        "images"
    ]
    pipeline.ecr.put_image(
        repositoryName=pipeline.repository,
        imageTag=image_tag,
        imageDigest=digest,
        imageManifest=image["imageManifest"],
        imageManifestMediaType=image["imageManifestMediaType"],
    )


@contextmanager
def without(pipeline: Pipeline, role: str, *actions: str) -> Iterator[str]:
    """While the block runs, the role lacks the permission for these actions; gives the role's name."""
    iam, name, policy = pipeline.client("iam"), pipeline.physical(role), f"without-{actions[0].replace(':', '-')}"
    statement = {"Effect": "Deny", "Action": actions, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=document)
    try:
        yield name
    finally:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)


def asked_for_attention(pipeline: Pipeline, since: float) -> bool:
    """Whether a function has counted for an alarm since then, by the metrics that it prints into its log."""
    for output in ("StartBuildLogGroup", "RecordImageLogGroup"):
        pages = pipeline.logs.get_paginator("filter_log_events").paginate(
            logGroupName=pipeline.outputs[output], startTime=int(since * 1000)
        )
        text = "".join(event["message"] for page in pages for event in page["events"])
        if '"NeedsAttention":' in text or '"NeedsRepair":' in text:
            return True
    return False


def newer_tag() -> str:
    """A build tag that is newer than those of all uploads so far."""
    return f"build-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{time.time_ns():016X}-00000000"


def wait_until_at_rest(pipeline: Pipeline) -> None:
    """Returns when no build runs and no image is still to be recorded."""

    def is_at_rest() -> bool:
        builds = pipeline.all_builds()
        built = [variables(build).get("IMAGE_TAG", "") for build in builds if build["buildStatus"] == "SUCCEEDED"]
        recorded = [version.get("Description", "").partition(" ")[0] for version in pipeline.history()]
        return all(build["buildStatus"] != "IN_PROGRESS" for build in builds) and max(built) <= max(
            tag for tag in recorded if tag.startswith("build-")
        )

    wait_for("The end of earlier uploads", is_at_rest, SECONDS)
