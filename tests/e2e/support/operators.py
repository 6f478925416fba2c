"""What operators do with the stack's queues, functions and images, through AWS's APIs."""

from collections.abc import Iterator
from contextlib import contextmanager

from local.pipeline import Pipeline, Upload


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
