"""AWS with the caller's own credentials: clients, and what AWS refuses in one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore import exceptions
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError

from ship.problem import Problem

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_codebuild.client import CodeBuildClient
    from mypy_boto3_ecr.client import ECRClient
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_service_quotas.client import ServiceQuotasClient
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_ssm.client import SSMClient
    from mypy_boto3_sts.client import STSClient

PATIENT = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 4})
# While a body is sent, `connect_timeout` bounds each wait for the line; `read_timeout` begins when the kernel has the
# rest of the body, which a slow uplink may take minutes to carry.
SENDING = PATIENT.merge(Config(connect_timeout=30, read_timeout=300))
REFUSALS = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"}
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
UNKNOWN = {"InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch"}
THROTTLES = {
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
}
# Whose IAM actions are named otherwise than the operations: https://docs.aws.amazon.com/service-authorization/
ACTIONS = {
    "GetObjectTagging": "s3:GetObjectVersionTagging",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
}
SERVICES = {
    "s3": ("PutObject",),
    "cloudformation": ("DescribeStacks",),
    "codebuild": ("ListBuildsForProject", "BatchGetBuilds", "StopBuild"),
    "logs": ("GetLogEvents",),
    "ssm": ("GetParameterHistory", "PutParameter"),
    "ecr": ("BatchGetImage", "PutImage", "ListImages", "GetAuthorizationToken"),
    "sqs": ("GetQueueAttributes",),
    "servicequotas": ("ListServiceQuotas",),
}


@dataclass(frozen=True)
class Access:
    """The caller's access to AWS: a profile and a region, or what the environment and the AWS CLI's files say."""

    profile: str | None = None
    region: str | None = None

    @cached_property
    def session(self) -> boto3.Session:
        """The session."""
        return boto3.Session(profile_name=self.profile, region_name=self.region)

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
        """Looks for the profile and the region.

        Raises:
            Problem: there is no such profile, or no region is named.
        """
        with in_words():
            if not self.session.region_name:
                raise NoRegionError

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
            return Problem(f"{error}.", "`aws configure list-profiles` lists those that there are.")
        case exceptions.NoRegionError():
            return Problem("No region is named.", "Give --region, or set AWS_DEFAULT_REGION.")
        case exceptions.InvalidRegionError():
            return Problem(f"{error}.", "Give a region such as us-east-1.")
        case (
            exceptions.UnauthorizedSSOTokenError()
            | exceptions.SSOTokenLoadError()
            | exceptions.TokenRetrievalError()
            | exceptions.CredentialRetrievalError()
        ):
            return Problem("The AWS credentials have expired, or can't be had.", "Run `aws sso login`, then try again.")
        case exceptions.EndpointConnectionError() | exceptions.ConnectTimeoutError() | exceptions.ConnectionError():
            return Problem(f"AWS can't be reached: {error}", "Look at the network, and whether the region is right.")
    return Problem(f"AWS's library says: {error}")


def refusal_of(error: ClientError) -> Problem:
    """What AWS's answer means for the caller."""
    code, said = code_of(error), error.response.get("Error", {}).get("Message", "")
    if code in EXPIRED:
        return Problem("The AWS credentials have expired.", "Log in again, for example by `aws sso login`.")
    if code in UNKNOWN:
        return Problem("AWS doesn't know these credentials.", "Log in again, or name another profile: --profile NAME.")
    if is_refusal(error):
        return Problem(f"You lack a right: {action_of(error)}. {said}", "docs/rights.md says which policy has it.")
    if code == "NoSuchBucket":
        return Problem("There is no such bucket.", "Look at its name: the stack's output SourceBucketName.")
    if code in {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301"}:
        return Problem("The bucket is in another region.", "Give --region.")
    if code in THROTTLES:
        return Problem(f"AWS takes no more requests now ({error.operation_name}).", "Try again in a minute.")
    return Problem(f"AWS answers {error.operation_name} with {code}{': ' if said else '.'}{said}")


def code_of(error: ClientError) -> str:
    """The code of AWS's answer."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_refusal(error: BaseException | None) -> bool:
    """Whether the caller lacks a right."""
    return isinstance(error, ClientError) and code_of(error) in REFUSALS


def is_passing(error: BotoCoreError | ClientError) -> bool:
    """Whether the same request may succeed a moment later."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return code_of(error) in THROTTLES or status >= 500
    return isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError)


def action_of(error: ClientError) -> str:
    """The IAM action that an operation needs."""
    name = error.operation_name
    service = next((service for service, names in SERVICES.items() if name in names), "")
    return ACTIONS.get(name) or (f"{service}:{name}" if service else name)
