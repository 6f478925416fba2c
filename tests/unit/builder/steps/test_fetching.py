"""The builder fetches exactly the requested version, and blames the upload only for S3's answers about that version."""

from collections.abc import Callable

import pytest
from botocore.exceptions import BotoCoreError, EndpointConnectionError, ReadTimeoutError, ResponseStreamingError

from tests.unit.builder.support.sandbox import BUCKET, DOCKERFILE, Sandbox

CALL = "when calling the GetObject operation"
KEYS = ["a+b%2B&c=d?e#f.zip", "$(touch hacked)/`touch hacked`;*.zip", "--endpoint-url=x", "~/../naïve/🍕\\n.zip"]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_only_ever_a_key(sandbox: Sandbox, key: str) -> None:
    sandbox.upload({"Dockerfile": DOCKERFILE}, key=key)
    assert sandbox.run().succeeded
    (asked,) = sandbox.aws.of("GetObject")
    assert (asked["Bucket"], asked["Key"]) == (BUCKET, key)


@pytest.mark.parametrize("key", ["new\nline.zip", "\x1b[31mred.zip", "tab\t.zip"])
def test_control_characters_in_a_key_are_not_in_the_log(sandbox: Sandbox, key: str) -> None:
    sandbox.upload(b"", key=key)
    ended = sandbox.run()
    assert ended.code == "not-a-zip"
    assert key not in ended.log


@pytest.mark.parametrize("version", ["null", "-IYV3p45", "--x", "a.b_c-d"])
def test_exactly_this_version_is_requested(sandbox: Sandbox, version: str) -> None:
    sandbox.variables(SOURCE_VERSION_ID=version)
    assert sandbox.run().code == "source-unreadable"  # the bucket has the key, in another version
    assert [asked["VersionId"] for asked in sandbox.aws.of("GetObject")] == [version]
    assert sandbox.engine.built == []


NO_PERMISSION = "User: arn:aws:sts::1:x is not authorized to perform:"
LIKE_AN_ERROR = "error occurred (NoSuchVersion) is not authorized to perform: kms:Decrypt Server Side Encryption.zip"


# tests/functions/start_build/test_unreadable_versions.py has all that S3 says
@pytest.mark.parametrize(
    ("code", "status", "words", "is_about_this_version"),
    [
        ("NoSuchVersion", 404, "The specified version does not exist.", True),
        ("AccessDenied", 403, f"{NO_PERMISSION} kms:Decrypt on resource: arn:aws:kms:::key/1", True),
        ("InvalidObjectState", 403, "The operation is not valid for the storage class.", True),
        ("AccessDenied", 403, f"{NO_PERMISSION} s3:GetObjectVersion to {LIKE_AN_ERROR}", False),
        ("NoSuchBucket", 404, "The specified bucket does not exist.", False),
        ("SlowDown", 503, "Please reduce your request rate.", False),
    ],
)
def test_only_what_s3_says_of_this_version_is_about_the_upload(
    sandbox: Sandbox, code: str, status: int, words: str, is_about_this_version: bool
) -> None:
    sandbox.aws.fails("GetObject", code, status, words)
    ended = sandbox.run()
    assert ended.code == ("source-unreadable" if is_about_this_version else "build-system-fault")
    assert ended.sentence.endswith(f"An error occurred ({code}) {CALL}: {words}")


@pytest.mark.parametrize("failure", [EndpointConnectionError, ReadTimeoutError])
def test_no_answer_from_s3_says_nothing_about_the_upload(
    sandbox: Sandbox, failure: Callable[..., BotoCoreError]
) -> None:
    def fails() -> None:
        raise failure(endpoint_url="https://uploads.s3.amazonaws.com/app.zip")

    sandbox.aws.before("GetObject", fails)
    ended = sandbox.run()
    assert ended.code == "build-system-fault"
    assert ended.sentence.endswith('"https://uploads.s3.amazonaws.com/app.zip"')


def test_an_answer_that_breaks_off_says_nothing_about_the_upload(sandbox: Sandbox) -> None:
    class BreaksOff:
        def read(self, _: int) -> bytes:
            raise ResponseStreamingError(error="Connection broken")

    sandbox.aws.answers("GetObject", {"Body": BreaksOff()})
    ended = sandbox.run()
    assert ended.code == "build-system-fault"
    assert "Connection broken" in ended.sentence


# The stack's registry, which gives the build its password


def test_a_password_that_ecr_refuses_is_reported_in_ecr_s_words(sandbox: Sandbox) -> None:
    sandbox.aws.fails("GetAuthorizationToken", "LimitExceededException", 400, "Too many.")
    ended = sandbox.run()
    assert ended.code == "build-system-fault"
    assert ended.sentence == (
        "ECR issued no password. An error occurred (LimitExceededException) when calling the GetAuthorizationToken "
        "operation: Too many."
    )
    assert sandbox.engine.built == []


@pytest.mark.parametrize(
    ("command", "words", "sentence"),
    [
        ("login", "login attempt failed with status: 503 Service Unavailable", "ECR refused the login."),
        ("info", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", "The engine does not answer."),
    ],
)
def test_an_engine_that_does_not_answer_or_log_in_is_no_fault_of_the_upload(
    sandbox: Sandbox, command: str, words: str, sentence: str
) -> None:
    sandbox.engine.errors[command] = f"Error response from daemon: {words}"
    ended = sandbox.run()
    assert ended.code == "build-system-fault"
    assert ended.sentence == f"{sentence} Error response from daemon: {words}"
