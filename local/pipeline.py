"""A deployed stack as users see it: uploads, builds, images and the parameter. It uses only AWS APIs."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import batched
from typing import TYPE_CHECKING, Any

import boto3

from local.sam import STACK

if TYPE_CHECKING:
    from mypy_boto3_codebuild.client import CodeBuildClient
    from mypy_boto3_codebuild.type_defs import BuildTypeDef
    from mypy_boto3_ecr.client import ECRClient
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_ssm.client import SSMClient
    from mypy_boto3_ssm.type_defs import ParameterHistoryTypeDef

MOST_IDS = 100
"""How many builds CodeBuild describes in one answer."""


@dataclass(frozen=True)
class Upload:
    """One version of an uploaded object."""

    key: str
    version: str


class Late(Exception):  # noqa: N818  # the waiting failed, not the stack
    """Something didn't happen in time."""


def wait_for[T](what: str, look: Callable[[], T | None], seconds: float) -> T:
    """The result of `look`, as soon as it isn't empty.

    Raises:
        Late: it stayed empty for so long.
    """
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if time.monotonic() > deadline:
            raise Late(f"{what} didn't happen within {seconds:.0f} s.")
        time.sleep(0.2)


@dataclass(frozen=True)
class Pipeline:
    """The stack that a session sees, and its outputs."""

    session: boto3.Session
    outputs: Mapping[str, str]
    endpoint: str | None = None
    stack: str = STACK

    def client(self, service: str) -> Any:
        """A client of any service. It is kept: making one takes longer than a request."""
        if service not in self._clients:
            self._clients[service] = self.session.client(service, endpoint_url=self.endpoint)  # type: ignore[call-overload]
        return self._clients[service]

    @cached_property
    def _clients(self) -> dict[str, Any]:
        return {}

    def physical(self, logical_id: str) -> str:
        """The name, or the URL, of one of the stack's resources."""
        detail = self.client("cloudformation").describe_stack_resource(
            StackName=self.stack, LogicalResourceId=logical_id
        )
        name: str = detail["StackResourceDetail"]["PhysicalResourceId"]
        return name

    def environment(self, function: str) -> dict[str, str]:
        """The environment variables of one of the stack's functions."""
        configuration = self.client("lambda").get_function_configuration(FunctionName=self.physical(function))
        found: dict[str, str] = configuration["Environment"]["Variables"]
        return found

    @cached_property
    def s3(self) -> "S3Client":
        """A client of S3."""
        return self.session.client("s3", endpoint_url=self.endpoint)

    @cached_property
    def codebuild(self) -> "CodeBuildClient":
        """A client of CodeBuild."""
        return self.session.client("codebuild", endpoint_url=self.endpoint)

    @cached_property
    def ecr(self) -> "ECRClient":
        """A client of ECR."""
        return self.session.client("ecr", endpoint_url=self.endpoint)

    @cached_property
    def ssm(self) -> "SSMClient":
        """A client of SSM."""
        return self.session.client("ssm", endpoint_url=self.endpoint)

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        """A client of CloudWatch Logs."""
        return self.session.client("logs", endpoint_url=self.endpoint)

    @property
    def bucket(self) -> str:
        """The source bucket."""
        return self.outputs["SourceBucketName"]

    @property
    def registry(self) -> str:
        """The registry's host, with its port."""
        return self.outputs["RepositoryUri"].partition("/")[0]

    @property
    def repository(self) -> str:
        """The repository's name."""
        return self.outputs["RepositoryUri"].rpartition("/")[2]

    def upload(self, key: str, body: bytes) -> Upload:
        """Uploads a source."""
        return Upload(key, self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)["VersionId"])

    def tags(self, upload: Upload) -> dict[str, str]:
        """The tags that the upload carries now."""
        answer = self.s3.get_object_tagging(Bucket=self.bucket, Key=upload.key, VersionId=upload.version)
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    def builds(self, upload: Upload) -> list["BuildTypeDef"]:
        """The upload's builds, the newest first."""
        ids = self.build_ids()
        for build in self.described([each for each in ids if each not in self._built_versions]):
            self._built_versions[build["id"]] = variables(build).get("SOURCE_VERSION_ID", "")
        return self.described([each for each in ids if self._built_versions.get(each) == upload.version])

    @cached_property
    def _built_versions(self) -> dict[str, str]:
        """The version that a build builds, by the build's id."""
        return {}

    def all_builds(self) -> list["BuildTypeDef"]:
        """All builds of the project, the newest first."""
        return self.described(self.build_ids())

    def build_ids(self) -> list[str]:
        """The ids of the project's builds, the newest first."""
        pages = self.codebuild.get_paginator("list_builds_for_project").paginate(
            projectName=self.outputs["ProjectName"]
        )
        return [each for page in pages for each in page["ids"]]

    def described(self, ids: Sequence[str]) -> list["BuildTypeDef"]:
        """The builds with these ids, in the same order."""
        return [
            build
            for some in batched(ids, MOST_IDS, strict=False)
            for build in self.codebuild.batch_get_builds(ids=some)["builds"]
        ]

    def ended_build(self, upload: Upload, seconds: float) -> "BuildTypeDef":
        """Waits for the upload's build to end and returns it."""

        def look() -> "BuildTypeDef | None":
            return next((build for build in self.builds(upload) if build["buildStatus"] != "IN_PROGRESS"), None)

        return wait_for(f"The end of the build of {upload.key}", look, seconds)

    def log(self, build: "BuildTypeDef") -> list[str]:
        """The lines of a build's log. Empty if there is no log yet."""
        group, stream = build["logs"]["groupName"], build["logs"]["streamName"]
        get = self.logs.get_log_events
        lines: list[str] = []
        token = ""
        try:
            page = get(logGroupName=group, logStreamName=stream, startFromHead=True)
            while page["nextForwardToken"] != token:  # the last page returns its own token
                lines += [event["message"].rstrip("\n") for event in page["events"]]
                token = page["nextForwardToken"]
                page = get(logGroupName=group, logStreamName=stream, startFromHead=True, nextToken=token)
        except self.logs.exceptions.ResourceNotFoundException:
            return []
        return lines

    def recorded(self) -> str:
        """The URI in the parameter. Empty if there is no parameter."""
        try:
            return self.ssm.get_parameter(Name=self.outputs["ParameterName"])["Parameter"]["Value"]
        except self.ssm.exceptions.ParameterNotFound:
            return ""

    def history(self) -> list["ParameterHistoryTypeDef"]:
        """All versions of the parameter, the oldest first. Empty if there is no parameter."""
        pages = self.ssm.get_paginator("get_parameter_history").paginate(Name=self.outputs["ParameterName"])
        try:
            return [version for page in pages for version in page["Parameters"]]
        except self.ssm.exceptions.ParameterNotFound:
            return []

    def images(self) -> dict[str, str]:
        """The digest of each tag in the repository."""
        pages = self.ecr.get_paginator("describe_images").paginate(repositoryName=self.repository)
        return {
            tag: image["imageDigest"]
            for page in pages
            for image in page["imageDetails"]
            for tag in image.get("imageTags", [])
        }

    def image_of(self, upload: Upload) -> str:
        """The URI, by digest, of the image that was built from this upload. Empty if there is none."""
        tag = self.tags(upload).get("image-tag")
        if not tag:
            return ""
        try:
            found = self.ecr.describe_images(repositoryName=self.repository, imageIds=[{"imageTag": tag}])
        except self.ecr.exceptions.ImageNotFoundException:
            return ""
        return f"{self.outputs['RepositoryUri']}@{found['imageDetails'][0]['imageDigest']}"

    def wait_until_recorded(self, upload: Upload, seconds: float) -> str:
        """Waits until the parameter names the upload's image and returns its URI."""

        def look() -> str | None:
            image = self.image_of(upload)
            return image if image and image == self.recorded() else None

        return wait_for(f"The recording of {upload.key}", look, seconds)


def variables(build: "BuildTypeDef") -> dict[str, str]:
    """The environment variables of a build."""
    return {each["name"]: each["value"] for each in build["environment"].get("environmentVariables", [])}
