"""How to go on after Ctrl-C, a timeout or an error."""

from dataclasses import replace

import pytest

from ship.aws.cloudformation import Stack
from ship.outcomes import TIMED_OUT
from ship.place import Place
from tests.unit.ship.support.uploader import Uploader
from tests.unit.ship.support.world import STACK


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
