"""All that StartBuild works with: bucket, repository, a CodeBuild that answers as the test wants, and its queue."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from botocore.stub import Stubber

import start_build
from aws import clients
from tests.functions.support.bucket import Bucket, Upload
from tests.functions.support.lambdas import Printed, context
from tests.functions.support.repository import Registry
from tests.functions.support.subscriber import Subscriber
from tests.support.stack import event
from tests.support.wire import Wire

BUILD_ID = "jwt-pizza-service:5a6b2f4e-93c1-4d7a-8e0f-2b9d51c7a360"
BUILDING = "A build is queued or runs."


@dataclass
class Starting:
    """StartBuild with its account; CodeBuild refuses to be asked more often than it has answers.

    `left` gives the milliseconds left of an invocation.
    """

    printed: Printed
    wire: Wire = field(init=False)
    bucket: Bucket = field(init=False)
    registry: Registry = field(init=False)
    subscriber: Subscriber = field(init=False)
    left: Callable[[], int] = lambda: 29_000

    def __post_init__(self) -> None:
        self.bucket = Bucket()
        self.upload, self.tag, self.tags = self.bucket.upload, self.bucket.tag, self.bucket.tags
        self.registry = Registry()
        # moto ignores what StartBuild overrides.
        self.codebuild = Stubber(clients.codebuild())
        self.codebuild.activate()
        self.wire = Wire((clients.s3(), clients.ecr(), clients.codebuild(), clients.events(), clients.sns()))
        self.subscriber = Subscriber(self.wire)

    def codebuild_takes(self, builds: int = 1) -> None:
        """Has CodeBuild take that many builds."""
        for _ in range(builds):
            self.codebuild.add_response("start_build", {"build": {"id": BUILD_ID}})

    def codebuild_refuses(self, code: str) -> None:
        """Has CodeBuild refuse a build."""
        self.codebuild.add_client_error("start_build", code, http_status_code=400)

    def take(self, *bodies: Upload | str) -> list[int]:
        """Has the function take a batch; the messages that have to come again, by their place in it."""
        (envelope,) = event("upload-queue")["Records"]
        texts = [body if isinstance(body, str) else json.dumps(body.event) for body in bodies]
        records = [envelope | {"messageId": f"message-{place}", "body": text} for place, text in enumerate(texts)]
        answer = start_build.handler({"Records": records}, context(left=self.left))
        return [int(each["itemIdentifier"].removeprefix("message-")) for each in answer["batchItemFailures"]]
