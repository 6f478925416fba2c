"""The recipe fetches exactly the version that it was told, whatever the key looks like."""

import pytest

from tests.recipe.support.sandbox import BUCKET, World
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
def test_a_key_is_data(world: World, key: str) -> None:
    world.upload(zipped({"Dockerfile": "FROM scratch\n"}), key=key)
    before = world.elsewhere()
    assert world.run().succeeded
    assert world.elsewhere() == before
    assert world.calls("aws", "s3api") == [
        ["aws", "s3api", "get-object", "--bucket", BUCKET, "--key", "file://key.txt", "--version-id=v1", "source.zip"]
    ]


@pytest.mark.parametrize("key", ["new\nline.zip", "\x1b[31mred.zip", "tab\t.zip"])
def test_control_characters_in_a_key_reach_neither_log_nor_shell(world: World, key: str) -> None:
    world.upload(b"", key=key)
    build = world.run()
    assert build.code == "not-a-zip"
    assert key not in build.log


@pytest.mark.parametrize("version", ["null", "-IYV3p45", "--x", "a.b_c-d"])
def test_a_version_id_is_data(world: World, version: str) -> None:
    world.upload(zipped({"Dockerfile": "FROM scratch\n"}), version=version)
    assert world.run().succeeded


def test_another_version_is_never_taken_instead(world: World) -> None:
    world.variables["SOURCE_VERSION_ID"] = "v0"
    build = world.run()
    assert build.code == "source-unreadable"
    assert build.sentence == (
        "This version of the upload can't be read. "
        "An error occurred (NoSuchVersion) when calling the GetObject operation: The version does not exist."
    )
    assert world.calls("docker") == []


def test_a_failed_fetch_is_told_in_the_words_of_newer_clients_too(world: World) -> None:
    text = "aws: [ERROR]: An error occurred (AccessDenied) when calling the GetObject operation: Access Denied"
    world.errors["get-object"] = f"{text}\n\nAdditional error details:\nBucketName: {BUCKET}"
    build = world.run()
    assert build.code == "source-unreadable"
    assert build.sentence.endswith(text)


def test_any_other_failed_fetch_is_told_with_its_last_line(world: World) -> None:
    world.errors["get-object"] = "Could not connect to the endpoint URL"
    assert world.run().sentence.endswith("Could not connect to the endpoint URL")
