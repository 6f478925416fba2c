"""What operators do with the stack's queues and functions, through AWS's APIs."""

from collections.abc import Iterator
from contextlib import contextmanager

from local.pipeline import Pipeline


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
