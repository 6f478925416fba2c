"""The recipe fetches exactly the version that it is asked for, whatever the key looks like."""

import pytest

from tests.recipe.support.sandbox import BUCKET, Sandbox
from tests.support.zips import zipped

KEYS = [
    "a b.zip",
    "a+b%2B&c=d?e#f.zip",
    'it\'s "quoted".zip',
    "$(touch hacked).zip",
    "`touch hacked`;touch hacked.zip",
    "-x.zip",
    "--endpoint-url=x",
    "file:///etc/passwd",
    "https://127.0.0.1/x",
    "naïve/日本語/🍕.zip",
    "back\\slash\\n.zip",
    "~/../../up.zip",
    "*",
]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_never_an_option_a_file_or_an_address(sandbox: Sandbox, key: str) -> None:
    sandbox.upload(zipped({"Dockerfile": "FROM scratch\n"}), key=key)
    before = sandbox.elsewhere()
    assert sandbox.run().succeeded
    assert sandbox.elsewhere() == before
    assert sandbox.calls("aws", "s3api") == [
        ["aws", "s3api", "get-object", "--bucket", BUCKET, "--key", "file://key.txt", "--version-id=v1", "source.zip"]
    ]


@pytest.mark.parametrize("key", ["new\nline.zip", "\x1b[31mred.zip", "tab\t.zip"])
def test_control_characters_in_a_key_reach_neither_log_nor_shell(sandbox: Sandbox, key: str) -> None:
    sandbox.upload(b"", key=key)
    build = sandbox.run()
    assert build.code == "not-a-zip"
    assert key not in build.log


@pytest.mark.parametrize("version", ["null", "-IYV3p45", "--x", "a.b_c-d"])
def test_a_version_id_is_never_an_option(sandbox: Sandbox, version: str) -> None:
    sandbox.upload(zipped({"Dockerfile": "FROM scratch\n"}), version=version)
    assert sandbox.run().succeeded


def test_another_version_of_the_key_is_never_fetched_instead(sandbox: Sandbox) -> None:
    sandbox.variables["SOURCE_VERSION_ID"] = "v0"
    build = sandbox.run()
    assert build.code == "source-unreadable"
    assert build.sentence.endswith(
        "An error occurred (NoSuchVersion) when calling the GetObject operation: The version does not exist."
    )
    assert sandbox.calls("docker", "buildx") == []


CALL = "when calling the GetObject operation"
ABOUT_THIS_VERSION = {
    "gone": f"An error occurred (NoSuchKey) {CALL}: The specified key does not exist.",
    "a delete marker": f"An error occurred (MethodNotAllowed) {CALL}: The specified method is not allowed.",
    "archived": f"An error occurred (InvalidObjectState) {CALL}: The operation is not valid for the storage class.",
    "a key of KMS that builds may not use": f"An error occurred (AccessDenied) {CALL}: User: arn:aws:sts::1:x is "
    "not authorized to perform: kms:Decrypt on resource: arn:aws:kms:::key/1 because no policy allows the action",
    "a key of KMS elsewhere": f"An error occurred (AccessDenied) {CALL}: The ciphertext refers to a customer master "
    "key that does not exist, does not exist in this region, or you are not allowed to access.",
    "a disabled key of KMS": f"An error occurred (KMS.DisabledException) {CALL}: arn:aws:kms:::key/1 is disabled.",
    "a deleted key of KMS": f"An error occurred (KMS.KMSInvalidStateException) {CALL}: key/1 is pending deletion.",
    "the uploader's own key": f"An error occurred (InvalidRequest) {CALL}: The object was stored using a form of "
    "Server Side Encryption. The correct parameters must be provided to retrieve the object.",
}


@pytest.mark.parametrize("kind", ABOUT_THIS_VERSION)
def test_what_s3_says_of_the_version_makes_it_unreadable(sandbox: Sandbox, kind: str) -> None:
    sandbox.errors["get-object"] = ABOUT_THIS_VERSION[kind]
    build = sandbox.run()
    assert build.code == "source-unreadable"
    assert build.sentence.endswith(ABOUT_THIS_VERSION[kind])


NOT_ABOUT_THIS_VERSION = {
    "a missing right": f"An error occurred (AccessDenied) {CALL}: Access Denied",
    **{
        f"a missing right to {name}": f"An error occurred (AccessDenied) {CALL}: User: arn:aws:sts::1:x is not "
        f'authorized to perform: s3:GetObjectVersion on resource: "arn:aws:s3:::uploads/{name}"'
        for name in (
            "NoSuchKey kms:Decrypt KMS.zip",
            "(NoSuchKey).zip",
            "error occurred (NoSuchVersion) x.zip",
            "User: x is not authorized to perform: kms:Decrypt.zip",
            ": The ciphertext refers to.zip",
            "Server Side Encryption.zip",
        )
    },
    "a throttle": f"An error occurred (SlowDown) {CALL} (reached max retries: 2): Please reduce your request rate.",
    "a throttle of KMS": f"An error occurred (KMS.ThrottlingException) {CALL}: You have exceeded the rate of KMS.",
    "a fault": f"An error occurred (InternalError) {CALL}: We encountered an internal error. Please try again.",
    "an expired token": f"An error occurred (ExpiredToken) {CALL}: The provided token has expired.",
    "a skewed clock": f"An error occurred (RequestTimeTooSkewed) {CALL}: The difference is too large.",
    "a time-out": 'Read timeout on endpoint URL: "https://uploads.s3.amazonaws.com/app.zip?versionId=v1"',
    "no connection": 'Could not connect to the endpoint URL: "https://uploads.s3.amazonaws.com/app.zip?versionId=v1"',
}


@pytest.mark.parametrize("kind", NOT_ABOUT_THIS_VERSION)
def test_any_other_refusal_of_s3_is_no_fact_about_the_upload(sandbox: Sandbox, kind: str) -> None:
    sandbox.errors["get-object"] = NOT_ABOUT_THIS_VERSION[kind]
    build = sandbox.run()
    assert build.code == "build-system-fault"
    assert build.sentence.endswith(NOT_ABOUT_THIS_VERSION[kind])


def test_a_refusal_is_told_in_the_words_of_newer_clients_too(sandbox: Sandbox) -> None:
    text = f"aws: [ERROR]: {ABOUT_THIS_VERSION['gone']}"
    sandbox.errors["get-object"] = f"{text}\n\nAdditional error details:\nKey: (NoSuchVersion)"
    build = sandbox.run()
    assert build.code == "source-unreadable"
    assert build.sentence.endswith(text)
    assert "Additional error details:" in build.log
