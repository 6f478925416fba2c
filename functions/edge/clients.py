"""One client of each AWS service, made when it is first asked for and kept while the function is warm."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_codebuild.client import CodeBuildClient
    from mypy_boto3_ecr.client import ECRClient
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_ssm.client import SSMClient

# Far below the function's own time, so that one answer that doesn't come leaves time for the next request.
BOUNDED = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
ONCE = BOUNDED.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))


@cache
def s3(config: Config = BOUNDED) -> "S3Client":
    """S3."""
    return boto3.client("s3", config=config)


@cache
def codebuild(config: Config = BOUNDED) -> "CodeBuildClient":
    """CodeBuild."""
    return boto3.client("codebuild", config=config)


@cache
def ecr() -> "ECRClient":
    """ECR."""
    return boto3.client("ecr", config=BOUNDED)


@cache
def ssm() -> "SSMClient":
    """SSM, without retries: a PutParameter that lands twice would look like a copy that somebody made."""
    return boto3.client("ssm", config=ONCE)


@cache
def logs() -> "CloudWatchLogsClient":
    """CloudWatch Logs, without retries."""
    return boto3.client("logs", config=ONCE)


@cache
def events() -> "EventBridgeClient":
    """EventBridge, without retries."""
    return boto3.client("events", config=ONCE)


@cache
def sns() -> "SNSClient":
    """SNS, without retries."""
    return boto3.client("sns", config=ONCE)
