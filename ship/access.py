"""AWS with the caller's own credentials: clients, and what AWS refuses in one sentence."""

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
# While a body is sent, `connect_timeout` bounds each wait for the line; `read_timeout` begins when the kernel has the
# rest of the body, which a slow uplink may take minutes to carry.
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
    "The stack's outputs UploaderPolicyArn, FollowerPolicyArn and RollbackPolicyArn name policies for those who "
    "upload, follow builds, and roll back: ask the operators for yours."
)


@dataclass(frozen=True)
class Access:
    """The caller's access to AWS: by a profile and a region, or as the environment and the AWS CLI's files say."""

    profile: str | None = None
    region: str | None = None

    @cached_property
    def session(self) -> boto3.Session:
        """The session. As for the AWS CLI, and unlike boto3 alone, AWS_REGION comes before the profile's region.

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
        """A client of S3 that bears with a slow uplink."""
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
        """Looks for the profile and the region, and gets the credentials.

        Raises:
            Problem: there is no such profile, no region is named, or the credentials can't be had.
        """
        with in_words():
            if not self.session.region_name:
                raise NoRegionError
            try:
                self.session.get_credentials()
            except (OSError, ValueError) as error:  # a program that isn't there, or prints something else than JSON
                raise CredentialRetrievalError(provider=CREDENTIAL_PROCESS, error_msg=error) from error

    def place(self) -> str:
        """The account and the region in words."""
        account = self.sts.get_caller_identity()["Account"]
        return f"account {account}, region {self.session.region_name}"


@contextmanager
def in_words() -> Iterator[None]:
    """Turns what AWS and its library raise into a problem, in one sentence.

    Raises:
        Problem: something was raised.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise problem_of(error) from error
    except ValueError as error:
        if not str(error).startswith("Invalid endpoint"):
            raise
        raise Problem(f"{error}.", "Look at AWS_ENDPOINT_URL and the region.") from error


def problem_of(error: BotoCoreError | ClientError) -> Problem:
    """What an error of AWS or of its library means for the caller."""
    if isinstance(error, ClientError):
        return refusal_of(error)
    match error:
        case exceptions.NoCredentialsError() | exceptions.PartialCredentialsError():
            return Problem(
                "There are no AWS credentials.",
                "Run `aws login` or `aws sso login`, or name a profile: --profile NAME.",
            )
        case exceptions.ProfileNotFound():
            return Problem(f"{error}.", "`aws configure list-profiles` lists the profiles.")
        case exceptions.NoRegionError():
            return Problem("No region is named.", "Give --region, or set AWS_REGION.")
        case exceptions.InvalidRegionError():
            return Problem(str(error), "Give a region such as us-east-1.")
        case exceptions.LoginError():
            return Problem(f"{error}".strip(), "Run `aws login`, with the same --profile, then try again.")
        case exceptions.SSOError() | exceptions.TokenRetrievalError():
            return Problem(
                "The AWS credentials of the SSO session have expired.",
                "Run `aws sso login`, with the same --profile, then try again.",
            )
        case exceptions.CredentialRetrievalError():
            return unretrieved(error.kwargs["provider"], error.kwargs["error_msg"])  # type: ignore[typeddict-item]
        case exceptions.EndpointConnectionError() | exceptions.ConnectTimeoutError() | exceptions.ConnectionError():
            return Problem(f"AWS can't be reached: {error}", "Check the network, and whether the region is right.")
        case exceptions.HTTPClientError():
            return Problem(f"AWS doesn't answer: {error}", "Check the network, then try again.")
    return Problem(f"AWS's library says: {error}")


def unretrieved(provider: str, said: object) -> Problem:
    """That a provider of credentials has none, in its own words."""
    if provider == CREDENTIAL_PROCESS:
        return Problem(
            f"The profile's credential_process failed: {said}",
            "Run that program by hand: `aws configure get credential_process`, with the same --profile, shows it.",
        )
    return Problem(f"The AWS credentials can't be had from {provider}: {said}", "Log in again, then try again.")


def refusal_of(error: ClientError) -> Problem:
    """What AWS's answer means for the caller."""
    code, said = code_of(error), error.response.get("Error", {}).get("Message", "")
    if code in SKEWED or (code in UNKNOWN and SKEWED_SIGNATURE.search(said)):
        return Problem(
            f"This machine's clock is wrong, so AWS refuses its requests: {said}",
            "Set the clock. After a sleep, a laptop's or WSL's may be late.",
        )
    if code in EXPIRED:
        return Problem("The AWS credentials have expired.", "Log in again, for example with `aws sso login`.")
    if code in UNKNOWN:
        return Problem("AWS doesn't know these credentials.", "Log in again, or name another profile: --profile NAME.")
    if is_refusal(error):
        return Problem(f"You lack a permission: {action_of(error)}. AWS says: {said}", POLICIES)
    if code == "NoSuchBucket":
        return Problem("There is no such bucket.", "Check its name: it is in the stack's output SourceBucketName.")
    if code in {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301"}:
        return Problem("The bucket is in another region.", "Give --region.")
    if code in THROTTLES:
        return Problem(f"AWS takes no more requests now ({error.operation_name}).", "Try again in a minute.")
    return Problem(f"AWS answers {error.operation_name} with {code}{': ' if said else '.'}{said}")


def code_of(error: ClientError) -> str:
    """The code of AWS's answer."""
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
    """The IAM action that AWS says is missing; where it doesn't say, the operation that it refused."""
    found = ACTION.search(error.response.get("Error", {}).get("Message", ""))
    return found[1] if found else error.operation_name
