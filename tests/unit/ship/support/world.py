"""An account with a source bucket, a repository and a parameter by moto, and CodeBuild's answers in AWS's shape."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from core import build_requests
from core.notifying import statuses
from core.notifying.statuses import Status
from core.uploads import ObjectVersion, Upload
from ship.aws.access import Access
from ship.aws.cloudformation import Stack
from ship.place import Place
from ship.until import Until
from ship.uploads.following import Follower
from ship.uploads.happenings import Happening
from ship.uploads.patience import FOLLOWED
from tests.support.digests import digest_of
from tests.support.wire import Wire

Capsys = pytest.CaptureFixture[str]
ACCOUNT, SERVICE = "123456789012", "jwt-pizza-service"
STACK = Stack(
    bucket="source-bucket",
    name="source-to-ecr",
    account=ACCOUNT,
    service=SERVICE,
    repository_uri=f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/{SERVICE}",
    parameter=f"/{SERVICE}/image-uri",
    upload_queue="https://sqs.us-east-1.amazonaws.com/123456789012/uploads",
    upload_dead_letters="https://sqs.us-east-1.amazonaws.com/123456789012/given-up",
    trigger_dead_letters="https://sqs.us-east-1.amazonaws.com/123456789012/failed",
    alarm_topic=f"arn:aws:sns:us-east-1:{ACCOUNT}:alarms",
    start_build="start-build",
    start_build_log="start-build-log",
    record_image="record-image",
    record_image_log="record-image-log",
    status="CREATE_COMPLETE",
    compute_type="BUILD_GENERAL1_SMALL",
    place=Place(stack="source-to-ecr"),
)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KIND = "application/vnd.docker.distribution.manifest.v2+json"
MANIFEST = f'{{"schemaVersion": 2, "mediaType": "{KIND}", "annotations": {{"x": "%s"}}}}'


@dataclass
class World:
    """What there is, and what becomes of it as a follower waits."""

    access: Access
    builds: list[dict[str, Any]] = field(default_factory=list)
    steps: list[Callable[[], object]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.access.s3.create_bucket(Bucket=STACK.bucket)
        self.access.s3.put_bucket_versioning(Bucket=STACK.bucket, VersioningConfiguration={"Status": "Enabled"})
        access = self.access
        buckets, builds = (access.s3, access.s3_uploads), (access.codebuild, access.logs)
        self.wire = Wire((*buckets, *builds, access.ssm, access.ecs, access.cloudformation))
        self.wire.fails("DescribeStacks", "ValidationError", 400, "Stack with id x does not exist")
        self.log: list[str] = []
        self._stacks: dict[str, dict[str, Any]] = {}
        self._answers = {
            "ListBuildsForProject": self._listed(),
            "BatchGetBuilds": self._got(),
            "GetLogEvents": self._read(),
        }
        for operation in self._answers:
            self.answers_again(operation)

    def refuses(self, operation: str, code: str, status: int = 400) -> None:
        """Has AWS answer an operation with an error."""
        self.wire.heals(operation)
        self.wire.fails(operation, code, status)

    def denies(self, operation: str, action: str) -> None:
        """Has AWS say that the caller lacks the permission for an operation."""
        self.wire.heals(operation)
        self.wire.fails(operation, "AccessDenied", 403, denial(action))

    def answers_again(self, operation: str) -> None:
        """Has AWS answer an operation again."""
        self.wire.heals(operation)
        if operation in self._answers:
            self.wire.answers_one_by_one(operation, self._answers[operation])

    def upload(self, key: str = "hello.zip") -> ObjectVersion:
        """Uploads something."""
        answer = self.access.s3.put_object(Bucket=STACK.bucket, Key=key, Body=b"zip")
        return ObjectVersion(STACK.bucket, key, answer["VersionId"])

    def says(self, version: ObjectVersion, name: str, reason: str = "", uri: str = "") -> None:
        """Has the upload carry a status."""
        status = Status(name, tag_of(version), reason or None, uri or None)
        tags = [{"Key": key, "Value": value} for key, value in statuses.with_status({}, status).items()]
        self.access.s3.put_object_tagging(
            Bucket=STACK.bucket,
            Key=version.key,
            VersionId=version.version_id,
            Tagging={"TagSet": tags},  # type: ignore[typeddict-item]
        )

    def follows(self, state: str = "new", **more: Any) -> None:
        """Has the follower of the service keep this record."""
        self.access.ssm.put_parameter(
            Name=f"/{SERVICE}/deployment", Value=json.dumps({"state": state, **more}), Type="String", Overwrite=True
        )

    def has_stack(self, name: str, *, outputs: Mapping[str, str] | None = None, **parameters: str) -> None:
        """Has CloudFormation know a stack by this name alone."""
        described = {
            "StackName": name,
            "StackStatus": "CREATE_COMPLETE",
            "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in (outputs or {}).items()],
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        }
        self._stacks[name] = {"Stacks": [described]}
        self.wire.heals("DescribeStacks")
        self.wire.answers_one_by_one("DescribeStacks", self._described())

    def builds_it(self, version: ObjectVersion, **more: Any) -> None:
        """Has the newest build be one of this upload, so far."""
        request = build_requests.for_upload(SERVICE, version, tag_of(version))
        build = {
            "id": f"{SERVICE}:{len(self.builds)}",
            "buildStatus": "IN_PROGRESS",
            "buildComplete": False,
            "currentPhase": "QUEUED",
            "startTime": self.began(),
            "environment": {"environmentVariables": request["environmentVariablesOverride"]},
            "logs": {"groupName": "builds", "streamName": str(len(self.builds))},
            "phases": [],
        }
        self.builds.insert(0, build | more)

    @staticmethod
    def began() -> datetime:
        """When the builds of this story began: a minute ago."""
        return datetime.now(UTC) - timedelta(minutes=1)

    def goes_on(self, **more: Any) -> None:
        """Has the newest build go on."""
        self.builds[0] |= more

    def follow(self, version: ObjectVersion, stack: Stack = STACK) -> list[Happening]:
        """All that a follower tells, as one step of the story after the other happens while it waits."""
        return [*self.follower(version, stack).follow()]

    def follower(self, version: ObjectVersion, stack: Stack = STACK, timeout: float = FOLLOWED) -> Follower:
        """Who follows an upload, while one step of the story after the other happens; looking takes no time."""
        return Follower(self.access, stack, version, Until.RECORDED, self.next, timeout, lambda: 0)

    def next(self, seconds: float) -> None:
        """The story goes on while somebody waits; a story that is at its end ends the waiting."""
        self.pauses.append(seconds)
        if not self.steps:
            raise AssertionError("It still waits, and nothing more happens.")
        self.steps.pop(0)()

    def page(self, start: int) -> dict[str, Any]:
        """The answer with the three events of the log from there on."""
        events = [{"message": f"{line}\n", "timestamp": 0} for line in self.log[start : start + 3]]
        return {"events": events, "nextForwardToken": str(start + len(events))}

    def _described(self) -> Iterator[dict[str, Any]]:
        while True:
            name = self.wire.of("DescribeStacks")[-1]["StackName"]
            missing = {"Code": "ValidationError", "Message": f"Stack with id {name} does not exist"}
            yield self._stacks.get(name, {"Error": missing})

    def _listed(self) -> Iterator[dict[str, Any]]:
        while True:
            yield {"ids": [build["id"] for build in self.builds]}

    def _got(self) -> Iterator[dict[str, Any]]:
        while True:
            wanted = self.wire.of("BatchGetBuilds")[-1]["ids"]
            yield {"builds": [dict(build) for build in self.builds if build["id"] in wanted]}

    def _read(self) -> Iterator[dict[str, Any]]:
        while True:
            yield self.page(int(self.wire.of("GetLogEvents")[-1].get("nextToken", "0")))


def tag_of(version: ObjectVersion) -> str:
    """The build tag of an upload at noon."""
    return Upload(version, NOON, "0A", 3).image_tag


def uri_of(tag: str, stack: Stack = STACK) -> str:
    """The URI of a tag's own image."""
    return f"{stack.repository_uri}@{digest_of(MANIFEST % tag)}"


def hold(access: Access, tag: str, stack: Stack = STACK, image: str = "") -> str:
    """Has a repository hold an image under this tag, by default its own, and gives the image's URI."""
    with suppress(access.ecr.exceptions.ImageAlreadyExistsException):
        access.ecr.put_image(repositoryName=stack.repository, imageManifest=MANIFEST % (image or tag), imageTag=tag)
    return uri_of(image or tag, stack)


def name(access: Access, uri: str, description: str, stack: Stack = STACK) -> None:
    """Has the parameter name something."""
    access.ssm.put_parameter(Name=stack.parameter, Value=uri, Description=description, Type="String", Overwrite=True)


def record(access: Access, tag: str, stack: Stack = STACK) -> str:
    """Has RecordImage record an image under its build tag, and gives its URI."""
    uri = hold(access, tag, stack)
    name(access, uri, f"{tag} request-{stack.service}", stack)
    return uri


def denial(action: str) -> str:
    """AWS's words where a permission is missing."""
    who = f"arn:aws:iam::{ACCOUNT}:user/somebody"
    return (
        f"User: {who} is not authorized to perform: {action} on resource: x because no identity-based policy allows "
        f"the {action} action"
    )


def no_cluster(**_: object) -> Any:
    """ECS's answer where there is no cluster of that name."""
    error = {"Code": "ClusterNotFoundException", "Message": "Cluster not found."}
    return AWSResponse("", 400, HTTPHeaders(), None), {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400}}
