"""A build's folder, environment and log stream."""

import os
import shutil
from pathlib import Path

import boto3
from ministack.core.responses import get_region

from local.cloud.builds import engine_faults
from local.cloud.builds.build_record import Build
from local.cloud.builds.log_stream import LogStream
from local.cloud.shared.live_settings import folder, gateway, settings
from local.cloud.shared.sessions import credentials


class LogRefusedError(Exception):
    """CodeBuild's error if it can't log the build: https://github.com/aws/aws-cdk/issues/12179."""


def folder_of(build: Build) -> Path:
    """The build's folder."""
    return folder() / "builds" / str(build["logs"]["streamName"])


def environment_of(build: Build) -> dict[str, str]:
    """The environment of the build's commands. Only the engine and PATH come from the caller."""
    session = f"AWSCodeBuild-{build['logs']['streamName']}"
    path = os.environ["PATH"]
    faulty = folder_of(build) / "faulty-engine"
    if engine_faults.write(faulty, shutil.which("docker") or "docker", settings()):
        path = f"{faulty}{os.pathsep}{path}"
    return {
        **{name: os.environ[name] for name in ("DOCKER_HOST", "DOCKER_CONFIG") if name in os.environ},
        "PATH": path,
        **credentials(build["serviceRole"], session),
        "AWS_ENDPOINT_URL": f"http://{gateway()}",
        "AWS_REGION": get_region(),
        "AWS_DEFAULT_REGION": get_region(),
        "CODEBUILD_BUILD_ARN": build["arn"],
        "CODEBUILD_BUILD_ID": build["id"],
        "CODEBUILD_BUILD_SUCCEEDING": "1",
        **{each["name"]: each["value"] for each in build["environment"]["environmentVariables"]},
    }


def log_of(build: Build, environment: dict[str, str]) -> LogStream:
    """The build's log stream, open for writing.

    Raises:
        LogRefusedError: the build's role can't create it.
    """
    client = boto3.client(
        "logs",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=environment["AWS_SESSION_TOKEN"],
    )
    try:
        return LogStream(client, build["logs"]["groupName"], build["logs"]["streamName"])
    except client.exceptions.ClientError as error:
        raise LogRefusedError(
            f"Service role {build['serviceRole']} does not allow AWS CodeBuild to create Amazon CloudWatch Logs log "
            f"streams for build {build['arn']}. Error message: {error.response['Error']['Message']}"
        ) from error
