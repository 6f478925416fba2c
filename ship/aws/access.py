"""AWS with the caller's credentials: clients, and AWS errors as sentences."""

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import CredentialRetrievalError, NoRegionError

from ship.aws.errors import CREDENTIAL_PROCESS, in_words

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_codebuild.client import CodeBuildClient
    from mypy_boto3_ecr.client import ECRClient
    from mypy_boto3_ecs.client import ECSClient
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_service_quotas.client import ServiceQuotasClient
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_ssm.client import SSMClient
    from mypy_boto3_sts.client import STSClient

PATIENT = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 4})
# While a body is sent, `connect_timeout` limits each wait for the network. `read_timeout` starts when the kernel has
# the rest of the body, whose transfer may take minutes on a slow uplink.
SENDING = PATIENT.merge(Config(connect_timeout=30, read_timeout=300))


@dataclass(frozen=True)
class Access:
    """The caller's access to AWS, with a profile and a region or with those of the environment and the AWS CLI."""

    profile: str | None = None
    region: str | None = None

    @cached_property
    def session(self) -> boto3.Session:
        """The session. As in the AWS CLI and unlike in boto3, AWS_REGION takes precedence over the profile's region.

        https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html
        """
        region = self.region or os.environ.get("AWS_REGION") or None
        return boto3.Session(profile_name=self.profile, region_name=region)

    @cached_property
    def s3(self) -> "S3Client":
        """A client of S3."""
        return self.session.client("s3", config=PATIENT)

    @cached_property
    def s3_uploads(self) -> "S3Client":
        """A client of S3 with timeouts for a slow uplink."""
        return self.session.client("s3", config=SENDING)

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        """A client of CloudFormation."""
        return self.session.client("cloudformation", config=PATIENT)

    @cached_property
    def cloudwatch(self) -> "CloudWatchClient":
        """A client of CloudWatch."""
        return self.session.client("cloudwatch", config=PATIENT)

    @cached_property
    def codebuild(self) -> "CodeBuildClient":
        """A client of CodeBuild."""
        return self.session.client("codebuild", config=PATIENT)

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        """A client of CloudWatch Logs."""
        return self.session.client("logs", config=PATIENT)

    @cached_property
    def ssm(self) -> "SSMClient":
        """A client of SSM."""
        return self.session.client("ssm", config=PATIENT)

    @cached_property
    def ecr(self) -> "ECRClient":
        """A client of ECR."""
        return self.session.client("ecr", config=PATIENT)

    @cached_property
    def ecs(self) -> "ECSClient":
        """A client of ECS."""
        return self.session.client("ecs", config=PATIENT)

    @cached_property
    def sqs(self) -> "SQSClient":
        """A client of SQS."""
        return self.session.client("sqs", config=PATIENT)

    @cached_property
    def quotas(self) -> "ServiceQuotasClient":
        """A client of Service Quotas."""
        return self.session.client("service-quotas", config=PATIENT)

    @cached_property
    def sts(self) -> "STSClient":
        """A client of STS."""
        return self.session.client("sts", config=PATIENT)

    def require(self) -> None:
        """Checks that the profile, the region and the credentials exist.

        Raises:
            Problem: the profile doesn't exist, no region is set, or there are no credentials.
        """
        with in_words():
            if not self.session.region_name:
                raise NoRegionError
            try:
                self.session.get_credentials()
            except (OSError, ValueError) as error:  # the program is missing, or doesn't print JSON
                raise CredentialRetrievalError(provider=CREDENTIAL_PROCESS, error_msg=error) from error

    def place(self) -> str:
        """The account and the region in words."""
        account = self.sts.get_caller_identity()["Account"]
        return f"account {account}, region {self.session.region_name}"
