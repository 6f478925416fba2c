"""AWS's errors in words: what is missing, refused or late, and what to do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions
from botocore.credentials import ProcessProvider
from botocore.exceptions import BotoCoreError, ClientError

from core.reasons import DENIALS
from ship.problem import Problem

CREDENTIAL_PROCESS = ProcessProvider.METHOD
# assumes: sso-credentials
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
# assumes: throttling-words
THROTTLES = {
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
}
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
# assumes: refusal-words
ACTION = re.compile(r"not authorized to perform:? ([a-z0-9-]+:[A-Za-z0-9]+)")
POLICIES = (
    "The stack's outputs UploaderPolicyArn, FollowerPolicyArn and RollbackPolicyArn name policies for people who "
    "upload, follow builds, and roll back. Ask the stack's operators for the one that you need."
)


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
