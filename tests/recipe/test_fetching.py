"""The recipe fetches exactly the version that it was told, whatever the key looks like."""

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
def test_a_key_is_data(sandbox: Sandbox, key: str) -> None:
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
def test_a_version_id_is_data(sandbox: Sandbox, version: str) -> None:
    sandbox.upload(zipped({"Dockerfile": "FROM scratch\n"}), version=version)
    assert sandbox.run().succeeded


def test_another_version_is_never_taken_instead(sandbox: Sandbox) -> None:
    sandbox.variables["SOURCE_VERSION_ID"] = "v0"
    build = sandbox.run()
    assert build.code == "source-unreadable"
    assert build.sentence == (
        "This version of the upload can't be read. "
        "An error occurred (NoSuchVersion) when calling the GetObject operation: The version does not exist."
    )
    assert sandbox.calls("docker") == []


def test_a_failed_fetch_is_told_in_the_words_of_newer_clients_too(sandbox: Sandbox) -> None:
    text = "aws: [ERROR]: An error occurred (AccessDenied) when calling the GetObject operation: Access Denied"
    sandbox.errors["get-object"] = f"{text}\n\nAdditional error details:\nBucketName: {BUCKET}"
    build = sandbox.run()
    assert build.code == "source-unreadable"
    assert build.sentence.endswith(text)


def test_any_other_failed_fetch_is_told_with_its_last_line(sandbox: Sandbox) -> None:
    sandbox.errors["get-object"] = "Could not connect to the endpoint URL"
    assert sandbox.run().sentence.endswith("Could not connect to the endpoint URL")
