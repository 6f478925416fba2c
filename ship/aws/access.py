"""AWS with the caller's credentials: clients, and AWS errors as sentences."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore import exceptions
from botocore.config import Config
from botocore.credentials import ProcessProvider
from botocore.exceptions import BotoCoreError, ClientError, CredentialRetrievalError, NoRegionError

from core.reasons import DENIALS
from ship.problem import Problem

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

CREDENTIAL_PROCESS = ProcessProvider.METHOD
PATIENT = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 4})
# While a body is sent, `connect_timeout` limits each wait for the network. `read_timeout` starts when the kernel has
# the rest of the body, whose transfer may take minutes on a slow uplink.
SENDING = PATIENT.merge(Config(connect_timeout=30, read_timeout=300))
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"}
UNKNOWN = {
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
# https://github.com/aws/aws-sdk-js-v3/blob/main/packages/service-error-classification/src/constants.ts
SKEWED = {"RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"}
SKEWED_SIGNATURE = re.compile(r"Signature (?:expired|not yet current)")
THROTTLES = {
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
}
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
ACTION = re.compile(r"not authorized to perform:? ([a-z0-9-]+:[A-Za-z0-9]+)")
POLICIES = (
    "The stack's outputs UploaderPolicyArn, FollowerPolicyArn and RollbackPolicyArn name policies for people who "
    "upload, follow builds, and roll back. Ask the stack's operators for the one that you need."
)


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


@contextmanager
def in_words() -> Iterator[None]:
    """Turns errors of AWS and its SDK into a Problem, in one sentence.

    Raises:
        Problem: AWS or its SDK failed.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise problem_of(error) from error
    except ValueError as error:
        if not str(error).startswith("Invalid endpoint"):
            raise
        raise Problem(f"{error}.", "Check AWS_ENDPOINT_URL and the region.") from error


def problem_of(error: BotoCoreError | ClientError) -> Problem:
    """An error of AWS or its SDK as a problem for the caller."""
    if isinstance(error, ClientError):
        return refusal_of(error)
    match error:
        case exceptions.NoCredentialsError() | exceptions.PartialCredentialsError():
            return Problem(
                "No AWS credentials were found.",
                "Run `aws login` or `aws sso login`, or name a profile: --profile NAME.",
            )
        case exceptions.ProfileNotFound():
            return Problem(f"{error}.", "To list your profiles, run `aws configure list-profiles`.")
        case exceptions.NoRegionError():
            return Problem("No AWS region is set.", "Add --region REGION, or set AWS_REGION.")
        case exceptions.InvalidRegionError():
            return Problem(str(error), "Use a region such as us-east-1.")
        case exceptions.LoginError():
            return Problem(f"{error}".strip(), "Run `aws login` with the same --profile, then try again.")
        case exceptions.SSOError() | exceptions.TokenRetrievalError():
            return Problem(
                "Your AWS SSO session has expired.",
                "Run `aws sso login` with the same --profile, then try again.",
            )
        case exceptions.CredentialRetrievalError():
            return unretrieved(error.kwargs["provider"], error.kwargs["error_msg"])  # type: ignore[typeddict-item]
        case exceptions.EndpointConnectionError() | exceptions.ConnectTimeoutError() | exceptions.ConnectionError():
            return Problem(f"AWS can't be reached: {error}", "Check your network connection and the region.")
        case exceptions.HTTPClientError():
            return Problem(f"AWS doesn't answer: {error}", "Check your network connection, then try again.")
    return Problem(f"The AWS SDK failed: {error}")


def unretrieved(provider: str, said: object) -> Problem:
    """The problem that a credential provider failed, with its own message."""
    if provider == CREDENTIAL_PROCESS:
        return Problem(
            f"The profile's credential_process failed: {said}",
            "Run the program yourself. To see it, run `aws configure get credential_process` with the same --profile.",
        )
    return Problem(f"Couldn't get AWS credentials from {provider}: {said}", "Log in again, then try again.")


def refusal_of(error: ClientError) -> Problem:
    """AWS's error response as a problem for the caller."""
    code, said = code_of(error), error.response.get("Error", {}).get("Message", "")
    if code in SKEWED or (code in UNKNOWN and SKEWED_SIGNATURE.search(said)):
        return Problem(
            f"AWS refused the request because this machine's clock is wrong: {said}",
            "Set the clock. A laptop's or WSL's may be slow after sleep.",
        )
    if code in EXPIRED:
        return Problem("The AWS credentials have expired.", "Log in again, for example with `aws sso login`.")
    if code in UNKNOWN:
        return Problem("AWS doesn't accept these credentials.", "Log in again, or use another profile: --profile NAME.")
    if is_refusal(error):
        return Problem(f"You lack a permission: {action_of(error)}. AWS says: {said}", POLICIES)
    if code == "NoSuchBucket":
        return Problem("The bucket doesn't exist.", "Check its name in the stack's output SourceBucketName.")
    if code in {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301"}:
        return Problem("The bucket is in another region.", "Add --region REGION.")
    if code in THROTTLES:
        return Problem(f"AWS is throttling requests ({error.operation_name}).", "Try again in a minute.")
    return Problem(f"AWS answers {error.operation_name} with {code}{': ' if said else '.'}{said}")


def code_of(error: ClientError) -> str:
    """The error code in AWS's response."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_refusal(error: BaseException | None) -> bool:
    """Whether the caller lacks a permission."""
    return isinstance(error, ClientError) and code_of(error) in DENIALS


def is_passing(error: BotoCoreError | ClientError) -> bool:
    """Whether the same request may succeed a moment later."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return code_of(error) in THROTTLES or status >= 500
    return isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError)


def action_of(error: ClientError) -> str:
    """The IAM action that AWS says is missing. If it doesn't say, the operation that it refused."""
    found = ACTION.search(error.response.get("Error", {}).get("Message", ""))
    return found[1] if found else error.operation_name
