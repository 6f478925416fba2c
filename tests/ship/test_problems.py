"""What AWS refuses, and its library can't do, in one sentence that says what to do."""

import pytest
from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from ship.access import is_passing, problem_of


def refused(code: str, operation: str = "DescribeStacks", message: str = "No.", status: int = 400) -> ClientError:
    """AWS's answer with an error."""
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        operation,
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (exceptions.NoCredentialsError(), "There are no AWS credentials."),
        (exceptions.PartialCredentialsError(provider="env", cred_var="x"), "There are no AWS credentials."),
        (exceptions.ProfileNotFound(profile="x"), "The config profile (x) could not be found."),
        (exceptions.NoRegionError(), "No region is named."),
        (exceptions.UnauthorizedSSOTokenError(), "The AWS credentials have expired, or can't be had."),
        (exceptions.SSOTokenLoadError(error_msg="x"), "The AWS credentials have expired, or can't be had."),
        (exceptions.TokenRetrievalError(provider="sso", error_msg="x"), "The AWS credentials have expired"),
        (exceptions.EndpointConnectionError(endpoint_url="https://x"), "AWS can't be reached"),
        (exceptions.ConnectTimeoutError(endpoint_url="https://x"), "AWS can't be reached"),
        (exceptions.InvalidRegionError(region_name="x y"), "doesn't match a supported format."),
        (refused("ExpiredToken"), "The AWS credentials have expired."),
        (refused("ExpiredTokenException"), "The AWS credentials have expired."),
        (refused("InvalidClientTokenId"), "AWS doesn't know these credentials."),
        (refused("UnrecognizedClientException"), "AWS doesn't know these credentials."),
        (refused("SignatureDoesNotMatch"), "AWS doesn't know these credentials."),
        (refused("AccessDenied", "GetObjectTagging"), "You lack a right: s3:GetObjectVersionTagging."),
        (refused("AccessDenied", "UploadPart"), "You lack a right: s3:PutObject."),
        (refused("AccessDeniedException", "StopBuild"), "You lack a right: codebuild:StopBuild."),
        (refused("AccessDeniedException", "Something"), "You lack a right: Something."),
        (refused("NoSuchBucket", "PutObject"), "There is no such bucket."),
        (refused("PermanentRedirect", "PutObject"), "The bucket is in another region."),
        (refused("ThrottlingException"), "AWS takes no more requests now"),
        (refused("Whatever", "PutImage", "Words."), "AWS answers PutImage with Whatever: Words."),
    ],
)
def test_each_is_told_in_words(error: BotoCoreError | ClientError, words: str) -> None:
    assert words in problem_of(error).what.replace("does not match", "doesn't match")


@pytest.mark.parametrize("code", ["NoCredentials", "AccessDenied", "ExpiredToken", "NoSuchBucket", "Throttling"])
def test_what_the_caller_can_mend_says_what_to_do(code: str) -> None:
    error = exceptions.NoCredentialsError() if code == "NoCredentials" else refused(code, "PutObject")

    assert problem_of(error).to_do


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (refused("SlowDown", status=503), True),
        (refused("ThrottlingException"), True),
        (refused("InternalError", status=500), True),
        (exceptions.EndpointConnectionError(endpoint_url="https://x"), True),
        (exceptions.ReadTimeoutError(endpoint_url="https://x"), True),
        (refused("AccessDenied", status=403), False),
        (refused("ExpiredToken"), False),
        (exceptions.NoCredentialsError(), False),
    ],
)
def test_what_passes_by_itself_is_told_from_what_stays(error: BotoCoreError | ClientError, passes: bool) -> None:
    assert is_passing(error) is passes
