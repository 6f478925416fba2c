"""A follower reports each fact about an upload once, in order, and then the result."""

import pytest

from ship.aws.cloudformation import Stack
from ship.aws.s3 import State
from ship.problem import Problem
from ship.uploads.happenings import Ended, Line, Note, Phase, Stage
from tests.unit.ship.support.story import NO_ROOM, URI, Story, nothing, phase
from tests.unit.ship.support.world import STACK, tag_of

THROTTLED = {"Error": {"Code": "ThrottlingException", "Message": "No."}}


def test_an_upload_is_followed_from_s3_over_the_queue_and_the_machine_to_its_recording(story: Story) -> None:
    queued, provisioned = phase("QUEUED", 1), phase("PROVISIONING", 40)
    story.world.steps = [
        lambda: story.says("accepted"),
        story.builds,
        lambda: story.world.goes_on(currentPhase="PROVISIONING", phases=[queued, {"phaseType": "PROVISIONING"}]),
        lambda: story.world.goes_on(currentPhase="BUILD", phases=[queued, provisioned]),
        lambda: story.world.log.extend(["one", "two"]),
        lambda: story.world.goes_on(
            buildComplete=True, buildStatus="SUCCEEDED", phases=[queued, provisioned, phase("BUILD", 7)]
        ),
        lambda: story.says("recorded"),
    ]

    assert story.tells() == [
        Stage("waiting for S3 to report the upload"),
        Stage("waiting for CodeBuild"),
        Stage("waiting in CodeBuild's queue"),
        Stage("waiting for a build machine"),
        Phase("QUEUED", True, 1),
        Stage("building"),
        Phase("PROVISIONING", True, 40),
        Line("one"),
        Line("two"),
        Stage("waiting for the recording"),
        Phase("BUILD", True, 7),
        story.recorded,
    ]


def test_while_it_waits_it_says_why(story: Story) -> None:
    story.says("waiting", NO_ROOM)
    story.goes(nothing)

    assert story.tells() == [Stage("waiting: CodeBuild takes no more builds now."), story.recorded]


def test_a_build_that_is_built_again_is_followed_anew(story: Story) -> None:
    story.builds(buildComplete=True, buildStatus="FAILED", phases=[phase("BUILD", 3, "FAILED")])
    story.world.log.append("first")
    story.says("waiting", "built-again: It is built again within 15 minutes.")
    story.goes(lambda: story.builds(phases=[phase("PROVISIONING", 30)]))

    told = story.tells()
    assert [each.text for each in told if isinstance(each, Line)] == ["first", "first"]  # the story has one log
    phases = [each for each in told if isinstance(each, Phase)]
    assert phases == [Phase("BUILD", False, 3), Phase("PROVISIONING", True, 30)]


def test_another_uploads_build_is_not_taken_for_ones_own(story: Story) -> None:
    story.world.builds_it(story.world.upload(), phases=[phase("BUILD", 3, "FAILED")])
    story.says("recorded")

    assert story.tells() == [story.recorded]


# What the caller may not see


def test_without_the_permission_to_read_logs_it_says_so_once_and_goes_on(story: Story) -> None:
    story.world.denies("GetLogEvents", "logs:GetLogEvents")
    story.builds(phases=[phase("PROVISIONING", 40)])
    story.goes(nothing)

    told = story.tells()
    (note,) = [each.text for each in told if isinstance(each, Note)]
    assert "logs:GetLogEvents" in note
    assert Phase("PROVISIONING", True, 40) in told


def test_without_the_permission_to_see_builds_the_status_says_the_end(story: Story) -> None:
    story.world.denies("ListBuildsForProject", "codebuild:ListBuildsForProject")
    story.says("accepted")
    story.goes(nothing)

    told = story.tells()
    assert [type(each) for each in told] == [Note, Stage, Ended]
    assert "codebuild:ListBuildsForProject" in told[0].text  # type: ignore[union-attr]
    assert len(story.world.wire.of("ListBuildsForProject")) == 1


def test_where_the_bucket_alone_is_known_nothing_else_is_asked_for(story: Story) -> None:
    story.says("accepted")
    story.goes()

    assert story.tells(Stack(STACK.bucket)) == [Stage("building"), story.recorded]
    assert set(story.world.wire.operations) <= {"GetObjectTagging", "PutObjectTagging", "PutObject"}


# AWS's moods


@pytest.mark.parametrize(("code", "status"), [("SlowDown", 503), ("ThrottlingException", 400), ("InternalError", 500)])
@pytest.mark.parametrize("operation", ["GetObjectTagging", "BatchGetBuilds", "GetLogEvents"])
def test_throttled_or_unanswered_it_says_so_once_and_tries_on(
    story: Story, operation: str, code: str, status: int
) -> None:
    story.builds()
    story.world.refuses(operation, code, status)

    def mend() -> None:
        story.world.answers_again(operation)
        story.says("recorded")

    story.world.steps = [nothing, nothing, mend]

    assert story.notes() == ["AWS doesn't answer right now. Trying again …"]


def test_unanswered_for_long_it_gives_up(story: Story) -> None:
    story.world.refuses("GetObjectTagging", "SlowDown", 503)
    story.drags()

    story.gives_up("is throttling requests")


def test_lines_that_came_before_a_throttled_page_are_not_lost(story: Story) -> None:
    story.builds()
    story.world.log += ["1", "2", "3", "4"]  # of which a page has three
    pages = iter([story.world.page(0), THROTTLED, story.world.page(3), story.world.page(4)])
    story.world.wire.heals("GetLogEvents")
    story.world.wire.answers_one_by_one("GetLogEvents", pages)
    story.goes()

    assert story.lines() == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        *((code, 404, ", or it was deleted") for code in ("NoSuchKey", "NoSuchVersion", "MethodNotAllowed")),
        ("AccessDenied", 403, ", or you lack the permission s3:GetObjectVersionTagging"),  # S3 says so of both
    ],
)
def test_an_upload_that_is_gone_ends_it(story: Story, code: str, status: int, words: str) -> None:
    story.world.refuses("GetObjectTagging", code, status)

    with pytest.raises(Problem, match=rf"^There is no upload hello\.zip in source-bucket{words}\."):
        story.tells()


def test_a_status_that_came_with_a_copy_is_not_its_own(story: Story) -> None:
    s3, other = story.world.access.s3, story.world.upload("other.zip")
    story.world.says(other, "recorded", uri=URI)
    copied = s3.get_object_tagging(Bucket=STACK.bucket, Key=other.key)["TagSet"]
    s3.put_object_tagging(Bucket=STACK.bucket, Key=story.upload.key, Tagging={"TagSet": copied})
    story.world.steps = [lambda: story.says("failed", "build-failed: x")]

    failed = State(story.upload, "failed", tag_of(story.upload), "build-failed: x")
    assert story.tells()[-1] == Ended(failed)
