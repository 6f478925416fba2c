"""A follower reports each fact about an upload once, in order, and then the result."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from core.build_log import Ending, ending_line, reason_in, reason_line
from core.reasons import Reason
from ship.aws.cloudformation import Stack
from ship.aws.s3 import State
from ship.outcomes import TIMED_OUT, UNRECORDED
from ship.problem import Problem
from ship.uploads import following
from ship.uploads.happenings import Ended, Happening, Line, Note, Phase, Stage, Still
from ship.uploads.patience import FOLLOWED
from tests.unit.ship.support.world import STACK, World, tag_of

URI = f"{STACK.repository_uri}@sha256:{'a' * 64}"
THROTTLED = {"Error": {"Code": "ThrottlingException", "Message": "No."}}
LATE = "The build has ended, but isn't recorded yet."
NO_ROOM = "no-room: CodeBuild takes no more builds now."


@dataclass
class Story:
    """An upload, what happens to it while it is followed, and what its follower tells."""

    world: World

    def __post_init__(self) -> None:
        self.upload = self.world.upload()

    def says(self, status: str, reason: str = "") -> None:
        """Has the upload carry a status."""
        self.world.says(self.upload, status, reason, URI if status == "recorded" else "")

    def builds(self, **more: Any) -> None:
        """Has the newest build be one of the upload."""
        self.world.builds_it(self.upload, **more)

    def goes(self, *steps: Callable[[], object]) -> None:
        """Has these steps happen, and then the upload be recorded."""
        self.world.steps = [*steps, lambda: self.says("recorded")]

    def drags(self, looks: int = 10_000) -> None:
        """Has nothing happen for so many looks."""
        self.world.steps = [nothing] * looks

    def tells(self, stack: Stack = STACK) -> list[Happening]:
        """Everything that the follower reports."""
        return self.world.follow(self.upload, stack)

    def lines(self) -> list[str]:
        """The lines of the build that are told."""
        return [each.text for each in self.tells() if isinstance(each, Line)]

    def notes(self) -> list[str]:
        """The notes that are told before the upload is recorded."""
        *told, end = self.tells()
        assert end == self.recorded
        return [each.text for each in told if isinstance(each, Note)]

    def gives_up(self, words: str, stack: Stack = STACK, **how: Any) -> tuple[Problem, list[Happening]]:
        """The reports before following ends with a problem in these words."""
        told: list[Happening] = []
        with pytest.raises(Problem, match=words) as problem:
            told.extend(replace(self.world.follower(self.upload, stack), **how).follow())
        return problem.value, told

    @property
    def recorded(self) -> Ended:
        """The end of the upload if it is recorded."""
        return Ended(State(self.upload, "recorded", tag_of(self.upload), "", URI))


@pytest.fixture
def story(world: World) -> Story:
    """An upload of which nothing is known yet."""
    return Story(world)


def nothing() -> None:
    """A step in which nothing happens."""


def phase(name: str, seconds: int, status: str = "SUCCEEDED") -> dict[str, object]:
    """A phase that has ended."""
    return {"phaseType": name, "phaseStatus": status, "durationInSeconds": seconds}


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


def test_phases_that_take_no_time_are_left_out_unless_they_fail(story: Story) -> None:
    story.builds(phases=[phase("INSTALL", 0), phase("PRE_BUILD", 0), phase("BUILD", 0, "FAILED")])
    story.says("failed", "build-failed: x")

    assert story.tells()[:-1] == [Phase("BUILD", False, 0)]


def test_a_phases_length_is_told_from_its_times_where_codebuild_does_not_say_it(story: Story) -> None:
    began = story.world.began()
    building, ending = ({"phaseType": name, "phaseStatus": "FAILED"} for name in ("BUILD", "FINALIZING"))
    story.builds(phases=[building | {"startTime": began, "endTime": began + timedelta(seconds=31)}, ending])
    story.says("failed", "build-failed: x")

    assert story.tells()[:-1] == [Phase("BUILD", False, 31), Phase("FINALIZING", False, None)]


REASON = Reason("build-failed", "Dockerfile:3 RUN make ended with exit code 2.", ("make: *** [app] Error 2",))
ENDED = Ending("It exited with code 1 after 0.3 s, without network or configuration.", ("Error: no database",))
OURS = "[Container] 2026/11/30 12:00:00 "


NO_CACHE = "#4 ERROR: failed to configure registry cache importer: a/b:buildcache:"
FETCHES = "aws lambda get-layer-version-by-arn > builder.txt &&", "curl --output builder.zip ||", "{"
DENIED = "An error occurred (AccessDeniedException) when calling the GetLayerVersion operation: denied"
LOGS = {
    "a build": (
        [
            f"{OURS}Entering phase INSTALL",
            f"{OURS}Running command aws lambda get-layer-version-by-arn --output text > builder.txt &&",
            'curl --output builder.zip "$(cut -f 2 builder.txt)"',
            "builder.zip: OK",
            f"{OURS}Running command python3 -I builder.zip fetch",
            'Fetching "hello.zip", version 1',
            "",
            f"{OURS}Running command python3 -I builder.zip build",
            "#1 [1/2] FROM busybox",
            f"#2 0.100 {reason_line(REASON)}",
            str(REASON),
            reason_line(REASON),
            f"{OURS}Command did not exit successfully python3 -I builder.zip build exit status 1",
            "a line that comes late",
            f"{OURS}Phase complete: BUILD State: FAILED",
        ],
        [
            'Fetching "hello.zip", version 1',
            "",
            "#1 [1/2] FROM busybox",
            f"#2 0.100 {reason_line(REASON)}",
            str(REASON),
            "a line that comes late",
        ],
    ),
    "an ending": (
        [f"{OURS}Running command python3 -I builder.zip try", ENDED.sentence, ending_line(ENDED), "Pushing"],
        [ENDED.sentence, "Pushing"],
    ),
    **{
        f"no builder: {said}": (
            [
                f"{OURS}Running command {FETCHES[0]}",
                *FETCHES[1:],
                said,
                f"{OURS}Command did not exit successfully {FETCHES[0]}",
                *FETCHES[1:],
                f"{OURS}Phase complete: INSTALL State: FAILED",
                f"{OURS}Phase context status code: X Message: Error while executing command: {FETCHES[0]}",
                *FETCHES[1:],
            ],
            [said],
        )
        for said in (
            "curl: (28) Operation timed out after 30001 milliseconds",
            DENIED,
            f"aws: [ERROR]: {DENIED}",
            "The builder arn:aws:lambda:eu-west-1:123456789012:layer:builder:1 can't be used: the line above says why.",
        )
    },
    "an older stack's recipe": (
        [
            "[Container] 2026/11/20 Entering phase BUILD",
            "[Container] 2026/11/20 Running command (",
            "set -euo pipefail",
            'echo "Fetching $SOURCE_KEY"',
            'Fetching "hello.zip", version 1',
            "",
            "#1 [1/2] FROM busybox",
            "[Container] 2026/11/20 Running command if [ -e reason.txt ]; then",
            "reason: build-failed: x",
            "[Container] 2026/11/20 Phase complete: BUILD State: FAILED",
        ],
        ['Fetching "hello.zip", version 1', "", "#1 [1/2] FROM busybox"],
    ),
    "no cache yet": ([f"{NO_CACHE} not found"], ["#4 There is no layer cache yet. This build creates it."]),
    "no access to the cache": ([f"{NO_CACHE} 403 Forbidden"], [f"{NO_CACHE} 403 Forbidden"]),
}


@pytest.mark.parametrize("log", LOGS)
def test_of_a_builds_log_what_is_for_people_is_shown(story: Story, log: str) -> None:
    printed, shown = LOGS[log]
    story.builds()
    story.world.log += printed
    story.says("failed", "build-failed: x")

    assert story.lines() == shown


@pytest.mark.parametrize("line", [reason_line(REASON), "reason: build-failed: Dockerfile:3 RUN make failed."])
def test_the_reason_is_known_from_the_log(story: Story, line: str) -> None:
    story.builds()
    story.world.log += [line, *["output"] * 10]
    story.says("failed", "build-failed: x")
    follower = story.world.follower(story.upload)
    deque(follower.follow(), maxlen=0)

    assert follower.reason() == reason_in([line])
    assert follower.ending() is None


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        ("PROVISIONING", "waiting for a build machine"),
        ("INSTALL", "getting the builder"),
        ("PRE_BUILD", "fetching the source"),
        ("BUILD", "building"),
        ("POST_BUILD", "pushing the image"),
        ("FINALIZING", "waiting for the recording"),
    ],
)
def test_the_phase_of_a_running_build_is_said_in_plain_words(story: Story, phase: str, words: str) -> None:
    story.builds(currentPhase=phase)
    story.goes()

    assert Stage(words) in story.tells()


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
        story.world.mends(operation)
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


# What takes too long


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
