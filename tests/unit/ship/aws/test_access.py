"""What AWS refuses, and its library can't do, in one sentence that says what to do."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from ship.aws.access import Access
from ship.aws.errors import is_passing, problem_of
from ship.problem import Problem
from tests.unit.ship.support.world import denial


def refused(code: str, operation: str = "DescribeStacks", message: str = "No.", status: int = 400) -> ClientError:
    """AWS's answer with an error."""
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        operation,
    )


def unretrieved(provider: str, said: str) -> BotoCoreError:
    """The SDK's error if it gets no credentials from a provider."""
    return exceptions.CredentialRetrievalError(provider=provider, error_msg=said)


LACKING = "You lack a permission: {}. AWS says: User: arn:aws:iam::123456789012:user/somebody is not authorized"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (exceptions.NoCredentialsError(), "No AWS credentials were found."),
        (exceptions.PartialCredentialsError(provider="env", cred_var="x"), "No AWS credentials were found."),
        (exceptions.ProfileNotFound(profile="x"), "The config profile (x) could not be found."),
        (exceptions.NoRegionError(), "No AWS region is set."),
        (exceptions.UnauthorizedSSOTokenError(), "Your AWS SSO session has expired."),
        (exceptions.SSOTokenLoadError(error_msg="x"), "Your AWS SSO session has expired."),
        (exceptions.TokenRetrievalError(provider="sso", error_msg="x"), "Your AWS SSO session has expired"),
        (exceptions.LoginRefreshRequired(), "Your session has expired"),
        (unretrieved("custom-process", "no such keyring"), "The profile's credential_process failed: no such keyring"),
        (unretrieved("container-role", "timed out"), "Couldn't get AWS credentials from container-role: timed out"),
        (exceptions.EndpointConnectionError(endpoint_url="https://x"), "AWS can't be reached"),
        (exceptions.ConnectTimeoutError(endpoint_url="https://x"), "AWS can't be reached"),
        (exceptions.InvalidRegionError(region_name="x y"), "doesn't match a supported format."),
        (exceptions.ReadTimeoutError(endpoint_url="https://aws"), "AWS doesn't answer: Read timeout on endpoint URL"),
        (exceptions.ConnectionClosedError(endpoint_url="https://aws"), "AWS doesn't answer: Connection was closed"),
        (refused("ExpiredToken"), "The AWS credentials have expired."),
        (refused("ExpiredTokenException"), "The AWS credentials have expired."),
        (refused("InvalidClientTokenId"), "AWS doesn't accept these credentials."),
        (refused("UnrecognizedClientException"), "AWS doesn't accept these credentials."),
        (refused("SignatureDoesNotMatch"), "AWS doesn't accept these credentials."),
        (refused("InvalidSignatureException"), "AWS doesn't accept these credentials."),
        (refused("AccessDenied", "UploadPart", denial("s3:PutObject"), 403), LACKING.format("s3:PutObject")),
        (refused("AccessDenied", "X", denial("s3:GetObjectTagging"), 403), LACKING.format("s3:GetObjectTagging")),
        (refused("AccessDeniedException", "X", denial("ecs:Describe")), LACKING.format("ecs:Describe")),
        # as S3 says to another account
        (refused("AccessDenied", "PutObject", "No.", 403), "You lack a permission: PutObject. AWS says: No."),
        (refused("NoSuchBucket", "PutObject"), "The bucket doesn't exist."),
        (refused("PermanentRedirect", "PutObject"), "The bucket is in another region."),
        (refused("ThrottlingException"), "AWS is throttling requests"),
        (refused("Whatever", "PutImage", "Words."), "AWS answers PutImage with Whatever: Words."),
    ],
)
def test_each_is_told_in_words(error: BotoCoreError | ClientError, words: str) -> None:
    what = problem_of(error).what
    assert words in what.replace("does not match", "doesn't match")
    assert not what.endswith("..")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("SignatureDoesNotMatch", "Signature expired: 20261130T010000Z is now earlier than 20261130T012000Z"),
        ("SignatureDoesNotMatch", "Signature not yet current: 20261130T030000Z is still later than 20261130T012000Z"),
        ("InvalidSignatureException", "Signature expired: 20261130T010000Z is now earlier than 20261130T012000Z"),
        ("RequestExpired", "Request has expired."),
        ("RequestInTheFuture", "Request timestamp is too far in the future."),
        ("RequestTimeTooSkewed", "The difference between the request time and the current time is too large."),
    ],
)
def test_a_clock_that_is_wrong_is_told_from_wrong_credentials(code: str, message: str) -> None:
    problem = problem_of(refused(code, message=message, status=403))

    assert problem.what == f"AWS refused the request because this machine's clock is wrong: {message}"
    assert "Set the clock." in problem.to_do


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


# The region and the credentials


Profile = Callable[[str], None]


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """Writes the AWS CLI's profile of this test, of which nothing else is known."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    path = tmp_path / "config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    def write(text: str) -> None:
        path.write_text(f"[default]\n{text}\n")

    return write


@pytest.mark.parametrize(
    ("variables", "option", "region"),
    [
        ({}, None, "eu-south-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, None, "eu-west-2"),
        ({"AWS_REGION": "eu-west-1"}, None, "eu-west-1"),
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, None, "eu-west-1"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-2"}, None, "eu-west-2"),
        ({"AWS_REGION": "eu-west-1"}, "eu-west-3", "eu-west-3"),
    ],
)
def test_the_region_is_the_aws_clis(  # two fixtures, three parameters
    profile: Profile, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], option: str | None, region: str
) -> None:
    profile("region = eu-south-1")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    access = Access(region=option)
    access.require()
    assert access.s3.meta.region_name == region


@pytest.mark.parametrize(
    ("process", "words"),
    [
        ("/nowhere/aws-vault exec dev", "No such file or directory: '/nowhere/aws-vault'"),
        ("sh -c 'echo no such keyring >&2; exit 1'", "no such keyring"),
        ("echo Enter your code:", "Expecting value"),
        ("""echo '{"Version": 2}'""", "Unsupported version '2'"),
    ],
)
def test_a_credential_process_that_fails_is_told_in_its_own_words(profile: Profile, process: str, words: str) -> None:
    profile(f"region = us-east-1\ncredential_process = {process}")

    with pytest.raises(Problem, match="The profile's credential_process failed: ") as problem:
        Access().require()
    assert words in problem.value.what
    assert "credential_process" in problem.value.to_do


def test_without_a_region_it_says_how_to_name_one(profile: Profile) -> None:
    profile("output = json")

    with pytest.raises(Problem, match="No AWS region is set") as problem:
        Access().require()
    assert "AWS_REGION" in problem.value.to_do
