"""What `ship up` sends, says and answers, and how it ends; test_build_following.py has what a build does."""

import json
from dataclasses import replace

import pytest

from core.build_log import Ending, ending_line
from ship.aws.cloudformation import Stack
from ship.outcomes import TIMED_OUT
from ship.place import Place
from tests.unit.ship.support.uploader import Uploader
from tests.unit.ship.support.world import STACK, tag_of

URI = f"{STACK.repository_uri}@sha256:{'a' * 64}"


def test_what_is_recorded_is_answered_by_its_uri(uploader: Uploader) -> None:
    uploader.world.steps = [uploader.then("recorded", uri=URI)]

    assert uploader.up() == 0
    assert uploader.out == f"{URI}\n"
    assert uploader.sent().key == "app.zip"


def test_a_recorded_program_that_ended_at_once_is_warned_of_at_the_end(uploader: Uploader) -> None:
    ended = Ending("It exited with code 1 after 0.3 s, without network or configuration.", ("Error: no database",))
    uploader.world.log.append(ending_line(ended))
    uploader.world.steps = [lambda: uploader.world.builds_it(uploader.sent()), uploader.then("recorded", uri=URI)]

    assert uploader.up() == 0
    assert uploader.out == f"{URI}\n"
    assert uploader.said.endswith(
        f"Warning: The image's program ended when the build tried it. {ended.sentence}\n  Error: no database\n"
    )


@pytest.mark.parametrize(("status", "code"), [("failed", 1), ("rejected", 1), ("superseded", 3)])
def test_another_end_has_its_exit_code_and_its_reason_and_no_answer(uploader: Uploader, status: str, code: int) -> None:
    uploader.world.steps = [uploader.then(status, "some-code: Words.")]

    assert uploader.up() == code
    assert uploader.out == ""
    assert "Error: some-code: Words." in uploader.said


def test_as_json_each_end_is_answered(uploader: Uploader) -> None:
    uploader.world.steps = [uploader.then("failed", "some-code: Words.")]

    assert uploader.up(as_json=True) == 1
    assert json.loads(uploader.out) == {
        "service": STACK.service,
        "bucket": STACK.bucket,
        "key": "app.zip",
        "versionId": uploader.sent().version_id,
        "status": "failed",
        "reason": "some-code: Words.",
        "ending": None,
        "output": [],
        "log": None,
        "imageTag": tag_of(uploader.sent()),
        "imageUri": None,
        "buildId": None,
    }


def test_what_would_be_rejected_is_not_sent_and_is_answered_as_json_too(uploader: Uploader) -> None:
    (uploader.folder / "Dockerfile").rename(uploader.folder / "elsewhere")

    assert uploader.up(as_json=True) == 1
    said = json.loads(uploader.out)
    assert (said["status"], said["versionId"]) == ("rejected", None)
    assert said["reason"].startswith("no-dockerfile: ")
    assert "Nothing was sent." in uploader.said
    assert uploader.up(dry_run=True, as_json=True) == 1
    assert json.loads(uploader.out) == [{"name": "elsewhere", "size": 13}]  # one document, whatever is found
    assert "no-dockerfile: " in uploader.said
    assert uploader.world.wire.of("PutObject") == []


def test_where_the_bucket_alone_is_known_the_dockerfile_may_be_elsewhere(uploader: Uploader) -> None:
    (uploader.folder / "Dockerfile").rename(uploader.folder / "elsewhere")
    uploader.stack = Stack(STACK.bucket)
    uploader.world.steps = [uploader.then("recorded", uri=URI)]

    assert uploader.up() == 0


def test_a_dry_run_lists_names_as_a_terminal_may_show_them(uploader: Uploader) -> None:
    uploader.holds("a\x1b[2Jb\nc")

    assert uploader.up(dry_run=True) == 0
    assert uploader.out.splitlines() == ["Dockerfile", "ab c"]
    assert uploader.up(dry_run=True, as_json=True) == 0
    assert json.loads(uploader.out)[1] == {"name": "a\x1b[2Jb\nc", "size": 0}
    assert "\x1b" not in uploader.said
    assert uploader.world.wire.of("PutObject") == []


@pytest.mark.parametrize("has_mirror", [True, False])
def test_of_docker_hub_it_warns_where_the_stack_has_no_mirror(uploader: Uploader, has_mirror: bool) -> None:
    uploader.holds("Dockerfile", content="FROM node:22\n")
    uploader.stack = replace(STACK, has_mirror=has_mirror)

    assert uploader.up(dry_run=True) == 0
    for warning in (
        "node:22 comes from Docker Hub, which limits pulls, and this stack uses no mirror.",
        "Use the same image from public.ecr.aws/docker/library/node:22",
    ):
        assert (warning in uploader.said) is not has_mirror


@pytest.mark.parametrize("key", ["folder/", "/"])
def test_a_folders_key_is_refused_as_no_upload_comes_of_it(uploader: Uploader, key: str) -> None:
    uploader.refused("folders aren't built", key=key)


# Ctrl-C


def interrupt() -> None:
    """Ctrl-C while it waits."""
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("place", "options"),
    [
        (Place(), ""),
        (Place(bucket=STACK.bucket), f" --bucket {STACK.bucket}"),
        (Place("staging", "eu-west-1", stack="other"), " --profile staging --region eu-west-1 --stack other"),
    ],
    ids=["nothing named", "the bucket", "the stack"],
)
def test_interrupted_it_says_by_which_command_to_go_on(uploader: Uploader, place: Place, options: str) -> None:
    uploader.stack = replace(STACK, place=place)
    uploader.world.steps = [interrupt]

    assert uploader.up("my app.zip") == 130
    command = f"ship logs 'my app.zip' --version {uploader.sent().version_id} --follow"
    assert f"To follow it: {command}{options}\n" in uploader.said


def test_after_the_timeout_it_says_by_which_command_to_go_on(uploader: Uploader) -> None:
    uploader.world.steps = [uploader.then("accepted"), *[lambda: None] * 200]

    said = r"Stopped following after 1 minute\. The upload continues"
    assert uploader.refused(said, timeout=60).code == TIMED_OUT
    assert "To follow it: ship logs app.zip --version " in uploader.said


def test_interrupted_it_stops_the_build_that_comes_a_moment_later(uploader: Uploader) -> None:
    world = uploader.world
    world.wire.answers("StopBuild", {})
    world.steps = [interrupt, lambda: None, lambda: world.builds_it(uploader.sent())]

    assert uploader.up(cancel=True) == 130
    assert [each["id"] for each in world.wire.of("StopBuild")] == [world.builds[0]["id"]]
    assert "The build was stopped." in uploader.said


def test_interrupted_where_no_build_comes_it_says_how_to_stop_it_later(uploader: Uploader) -> None:
    uploader.world.steps = [interrupt, *[lambda: None] * 50]

    assert uploader.up(cancel=True) == 130
    assert "There is no build to stop yet. To stop it later: ship cancel app.zip" in uploader.said


def test_interrupted_without_the_permission_to_stop_it_says_so_and_ends_with_130_all_the_same(
    uploader: Uploader,
) -> None:
    world = uploader.world
    world.denies("StopBuild", "codebuild:StopBuild")
    world.steps = [lambda: world.builds_it(uploader.sent()), interrupt]

    assert uploader.up(cancel=True) == 130
    assert "The build wasn't stopped. You lack a permission: codebuild:StopBuild." in uploader.said
    assert "There is no build" not in uploader.said
    assert "To stop it later: ship cancel app.zip" in uploader.said


def test_who_knows_the_bucket_alone_cannot_ask_for_that(uploader: Uploader) -> None:
    uploader.stack = Stack(STACK.bucket)

    uploader.refused("not only its bucket", cancel=True)
    assert uploader.world.wire.of("PutObject") == []


def test_where_it_cannot_be_followed_any_more_it_says_how_to_go_on(uploader: Uploader) -> None:
    uploader.world.steps = [lambda: uploader.world.refuses("GetObjectTagging", "ExpiredToken")]

    uploader.refused("credentials have expired")
    assert "To follow it: ship logs app.zip --version " in uploader.said
