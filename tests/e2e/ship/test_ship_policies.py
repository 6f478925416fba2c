"""`ship` with one policy of the stack alone, and without access."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from local.emulator import Account
from local.pipeline import Pipeline, Upload, wait_for
from local.sources.samples import good, slow
from tests.e2e.ship.support.commands import BROKEN, FAILED, HELLO, RECORDED, UNDONE, slow_folder
from tests.e2e.support.shippers import Shipper
from tests.e2e.support.waiting import SECONDS

# With the uploaders' policy alone


def test_who_may_only_upload_follows_by_the_status(uploader: Shipper, pipeline: Pipeline) -> None:
    ended = uploader.ship("up", HELLO)

    assert ended.returncode == RECORDED, ended.stderr
    assert ended.stdout == f"{pipeline.recorded()}\n"


def test_who_may_only_upload_reads_the_words_of_the_step_in_the_status(uploader: Shipper) -> None:
    ended = uploader.ship("up", BROKEN)
    assert ended.returncode == FAILED
    assert "cat: can t open /no/such/file" in ended.stderr  # as a tag can hold it

    assert "cat: can t open /no/such/file" in uploader.ship("why", "broken.zip").stdout
    assert uploader.ship("status", "broken.zip").stdout.startswith("failed\nbuild-failed: ")


def test_who_may_only_upload_is_told_to_name_the_bucket(uploader: Shipper) -> None:
    ended = replace(uploader, variables={}).ship("up", HELLO)

    assert ended.returncode == UNDONE
    assert "cloudformation:DescribeStacks" in ended.stderr
    assert "--bucket NAME" in ended.stderr


def test_what_takes_more_than_the_bucket_says_so(uploader: Shipper, first: Upload) -> None:
    ended = uploader.ship("logs", first.key)

    assert (ended.returncode, ended.stdout) == (UNDONE, "")
    assert "not only its bucket" in ended.stderr


# With the followers' policy alone


def test_a_follower_sees_the_service_its_uploads_logs_and_images(
    follower: Shipper, pipeline: Pipeline, first: Upload
) -> None:
    tag = pipeline.tags(first)["image-tag"]

    assert pipeline.recorded() in follower.ship("status").stdout
    assert follower.ship("status", first.key).stdout.splitlines() == ["recorded", tag, pipeline.image_of(first)]
    assert "Building for linux/arm64" in follower.ship("logs", first.key).stdout
    listed = json.loads(follower.ship("history", "--limit", 100, "--json").stdout)
    assert tag in [each["imageTag"] for each in listed]
    assert [each["imageUri"] for each in listed if each["isCurrent"]] == [pipeline.recorded()]


def test_a_follower_may_not_upload_and_reads_which_permission_is_missing(follower: Shipper) -> None:
    ended = follower.ship("up", HELLO)

    assert ended.returncode == UNDONE
    assert "You lack a permission: s3:PutObject." in ended.stderr
    assert "UploaderPolicyArn" in ended.stderr


def test_a_follower_stops_a_build(follower: Shipper, root: Shipper, tmp_path: Path) -> None:
    root.ship("up", slow_folder(tmp_path / "stopped", 120), "--no-follow")
    wait_for("The build", lambda: follower.ship("logs", "stopped.zip").stdout, SECONDS)

    assert "stopped" in follower.ship("cancel", "stopped.zip").stdout
    assert follower.ship("logs", "stopped.zip", "--follow").returncode == FAILED
    assert follower.ship("cancel", "stopped.zip").returncode == UNDONE


# With the policy of those who roll back alone


def test_a_rollback_pins_its_target_and_holds_and_ends(
    operator: Shipper, follower: Shipper, pipeline: Pipeline, first: Upload
) -> None:
    older = pipeline.tags(first)["image-tag"]
    before = pipeline.wait_until_recorded(pipeline.upload("before.zip", good("before")), SECONDS)
    newest = pipeline.wait_until_recorded(pipeline.upload("newest.zip", good("newest")), SECONDS)

    ended = operator.ship("rollback")
    assert ended.stdout.strip() == pipeline.recorded() == before, ended.stderr

    ended = operator.ship("rollback", "--to", older)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == pipeline.recorded() == pipeline.image_of(first)
    assert f"keep-{older}" in pipeline.images()
    assert "This holds until" in ended.stderr
    assert "Rolled back" in follower.ship("status").stdout

    ended = operator.ship("forward")
    assert ended.stdout.strip() == pipeline.recorded() == newest
    assert operator.ship("forward").returncode == UNDONE

    pipeline.upload("being built.zip", slow("being built", 120))
    wait_for("The build", lambda: "Building" in follower.ship("logs", "being built.zip").stdout, SECONDS)
    ended = operator.ship("rollback", "--to", older)
    assert "being built.zip is being built, and recording it will end the rollback." in ended.stderr
    follower.ship("cancel", "being built.zip")
    operator.ship("forward")


@pytest.mark.parametrize("verb", ["rollback", "forward"])
def test_a_follower_may_not_change_what_is_recorded(follower: Shipper, pipeline: Pipeline, verb: str) -> None:
    before = pipeline.history()

    ended = follower.ship(verb)

    assert ended.returncode == UNDONE
    assert pipeline.history() == before


# Where there is nothing, or somebody else's


def test_in_another_account_there_is_no_stack_and_the_bucket_is_not_theirs(here: Account, pipeline: Pipeline) -> None:
    stranger = Shipper(here, here.beside("333333333333").credentials)

    ended = stranger.ship("up", HELLO)
    assert ended.returncode == UNDONE
    assert "There is no stack of Source to ECR in account 333333333333, region us-east-1." in ended.stderr

    ended = stranger.ship("up", HELLO, "--bucket", pipeline.bucket)
    assert ended.returncode == UNDONE
    assert "Error: " in ended.stderr


def test_in_another_region_there_is_no_stack(root: Shipper) -> None:
    ended = root.ship("status", "--region", "eu-west-1")

    assert ended.returncode == UNDONE
    assert "region eu-west-1" in ended.stderr


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "No AWS credentials were found."),
        ({"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}, "AWS doesn't accept these credentials."),
        ({"AWS_PROFILE": "nobody"}, "The config profile (nobody) could not be found."),
        ({"AWS_DEFAULT_REGION": "", "AWS_REGION": ""}, "No AWS region is set."),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "AWS can't be reached"),
    ],
)
def test_without_access_it_says_in_a_sentence_what_is_the_matter(
    root: Shipper, variables: dict[str, str], words: str
) -> None:
    ended = replace(root, variables=variables).ship("status")

    assert (ended.returncode, ended.stdout) == (UNDONE, "")
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
