"""Clients of AWS services, created on first use and kept while the function is warm."""

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_codebuild.client import CodeBuildClient
    from mypy_boto3_ecr.client import ECRClient
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_secretsmanager.client import SecretsManagerClient
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_ssm.client import SSMClient

# Far below the function's timeout, so that one missing answer leaves time for the next request.
BOUNDED = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
ONCE = BOUNDED.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
# For notifications: after 4 seconds without an answer, the next resync tries again.
QUICK = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 1})


ONE_AT_A_TIME = Lock()


def client(service: str, config: Config) -> Any:
    """A service's client with these timeouts and retries. Threads share it."""
    with ONE_AT_A_TIME:  # boto3 sessions aren't thread-safe
        return made(service, config)


@cache
def made(service: str, config: Config) -> Any:
    """A client, created once per service and configuration."""
    return boto3.client(service, config=config)  # type: ignore[call-overload]


def s3(config: Config = BOUNDED) -> "S3Client":
    """S3."""
    found: S3Client = client("s3", config)
    return found


def codebuild(config: Config = BOUNDED) -> "CodeBuildClient":
    """CodeBuild."""
    found: CodeBuildClient = client("codebuild", config)
    return found


def ecr(config: Config = BOUNDED) -> "ECRClient":
    """ECR."""
    found: ECRClient = client("ecr", config)
    return found


def ssm() -> "SSMClient":
    """SSM, without retries: a repeated PutParameter would look as if somebody had copied the version."""
    found: SSMClient = client("ssm", ONCE)
    return found


def logs() -> "CloudWatchLogsClient":
    """CloudWatch Logs, without retries."""
    found: CloudWatchLogsClient = client("logs", QUICK)
    return found


def events() -> "EventBridgeClient":
    """EventBridge, without retries."""
    found: EventBridgeClient = client("events", QUICK)
    return found


def sns() -> "SNSClient":
    """SNS, without retries."""
    found: SNSClient = client("sns", QUICK)
    return found


def secrets_manager(config: Config = BOUNDED) -> "SecretsManagerClient":
    """Secrets Manager."""
    found: SecretsManagerClient = client("secretsmanager", config)
    return found


def ecr_public(config: Config) -> Any:
    """ECR Public. It has no type stubs here, because only one kind of request is sent."""
    return client("ecr-public", config)
