"""A follower reports a step that takes long, and stops waiting at some point."""

from itertools import count

import pytest

from ship.aws.cloudformation import Stack
from ship.outcomes import TIMED_OUT, UNRECORDED
from ship.uploads import following
from ship.uploads.happenings import Note, Stage, Still
from ship.uploads.patience import FOLLOWED
from tests.unit.ship.support.story import NO_ROOM, Story, nothing
from tests.unit.ship.support.world import STACK

LATE = "The build has ended, but isn't recorded yet."


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A follower that looks once a minute where nothing happens."""
    monkeypatch.setattr(following, "LONG_PAUSE_SECONDS", 60.0)


@pytest.mark.usefixtures("patient")
def test_an_upload_of_which_s3_tells_nothing_is_given_up(story: Story) -> None:
    story.drags()

    _, told = story.gives_up("S3 hasn't reported this upload")
    assert [type(each) for each in told if not isinstance(each, Still)] == [Stage, Note]
    assert 15 * 60 <= sum(story.world.pauses) < 16 * 60


def test_an_upload_that_waits_is_followed_as_long_as_its_build_is_waited_for(story: Story) -> None:
    story.says("waiting", NO_ROOM)
    story.drags()
    now = count(step=FOLLOWED / 8)  # from clock to clock, of which each look reads two

    said = r"Stopped following after 300 minutes\..*CodeBuild takes no more builds now"
    assert story.gives_up(said, clock=lambda: next(now))[0].code == TIMED_OUT
    assert len(story.world.pauses) == 7


def test_a_timeout_in_which_aws_never_answers_says_so(story: Story) -> None:
    story.world.refuses("GetObjectTagging", "SlowDown", 503)
    story.drags()

    said = r"Stopped following after 0\.05 minutes\. The upload continues: AWS doesn't answer right now"
    story.gives_up(said, timeout=3)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("stack", [STACK, Stack(STACK.bucket)], ids=["the stack", "the bucket"])
def test_it_is_followed_as_long_as_the_caller_says(story: Story, stack: Stack) -> None:
    story.builds()
    story.says("accepted")
    story.drags()

    said = r"Stopped following after 10 minutes\. The upload continues"
    assert story.gives_up(said, stack, timeout=600)[0].code == TIMED_OUT
    assert 540 < sum(story.world.pauses) <= 600


def test_time_that_passes_while_aws_is_asked_counts(story: Story) -> None:
    story.says("accepted")
    story.drags()
    now = count(step=60)  # each look takes a minute

    story.gives_up("Stopped following after 10 minutes", timeout=600, clock=lambda: next(now))
    assert len(story.world.pauses) == 9


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    ("ended", "status", "reason"),
    [
        ("SUCCEEDED", "accepted", ""),
        ("SUCCEEDED", "waiting", "not-recorded: The image is built and cannot be recorded now."),
        ("FAILED", "accepted", ""),
        ("STOPPED", "accepted", ""),
    ],
)
def test_a_build_that_has_ended_and_is_not_recorded_is_late_and_then_given_up(
    story: Story, ended: str, status: str, reason: str
) -> None:
    story.says(status, reason)
    story.builds(buildComplete=True, buildStatus=ended)
    story.drags()

    problem, told = story.gives_up("The build has ended, but isn't recorded after 20 minutes")
    assert problem.code == UNRECORDED
    assert "ship doctor" in problem.to_do
    assert [each.text[:44] for each in told if isinstance(each, Note)] == [LATE]
    assert 20 * 60 <= sum(story.world.pauses) < 21 * 60


def test_it_says_when_a_recording_is_late(story: Story) -> None:
    story.says("accepted")
    story.builds(buildComplete=True, buildStatus="SUCCEEDED")
    story.goes(*[nothing] * 120)

    assert [each[:44] for each in story.notes()] == [LATE]


@pytest.mark.usefixtures("patient")
def test_a_build_that_is_to_be_built_again_is_waited_for(story: Story) -> None:
    story.says("waiting", "built-again: It is built again within 15 minutes.")
    story.builds(buildComplete=True, buildStatus="FAILED")
    story.goes(*[nothing] * 100)

    assert story.notes() == []
    assert sum(story.world.pauses) > 20 * 60


@pytest.mark.usefixtures("patient")
def test_where_the_uploaders_own_tags_leave_no_room_for_a_status_its_build_is_followed(story: Story) -> None:
    story.builds()
    story.goes(*[nothing] * 100)

    assert story.tells()[-1] == story.recorded  # though nothing was reported for more than 15 minutes


def test_each_half_minute_in_which_nothing_happens_it_says_that_it_goes_on(story: Story) -> None:
    story.says("waiting", NO_ROOM)
    story.goes(*[nothing] * 60)

    told = [each for each in story.tells() if isinstance(each, Still)]
    assert told == [Still("waiting: CodeBuild takes no more builds now.")] * 2


def test_where_nothing_happens_it_asks_less_often(story: Story) -> None:
    story.builds()
    story.says("accepted")
    quiet = 80
    story.goes(*[nothing] * quiet, lambda: story.world.log.append("one"), nothing)

    story.tells()
    assert story.world.pauses[:50] == [1.0] * 50
    assert story.world.pauses[quiet] == 5.0
    assert story.world.pauses[quiet + 1] == 1.0  # a line has come
