"""What a follower tells of an upload on its way: each thing once, in order, and its end."""

from collections import deque
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from core.build_log import Ending, ending_line, reason_in, reason_line
from core.reasons import Reason
from core.uploads import ObjectVersion
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
NO_ROOM = "no-room: CodeBuild takes no more builds now."


def recorded(version: ObjectVersion) -> Ended:
    """The end of an upload that was recorded."""
    return Ended(State(version, "recorded", tag_of(version), "", URI))


def phase(name: str, seconds: int, status: str = "SUCCEEDED") -> dict[str, object]:
    """A phase that has ended."""
    return {"phaseType": name, "phaseStatus": status, "durationInSeconds": seconds}


def test_an_upload_is_followed_from_s3_over_the_queue_and_the_machine_to_its_recording(world: World) -> None:
    upload = world.upload()
    queued, provisioned = phase("QUEUED", 1), phase("PROVISIONING", 40)
    world.steps = [
        lambda: world.says(upload, "accepted", "A build is queued or runs."),
        lambda: world.builds_it(upload),
        lambda: world.goes_on(currentPhase="PROVISIONING", phases=[queued, {"phaseType": "PROVISIONING"}]),
        lambda: world.goes_on(currentPhase="BUILD", phases=[queued, provisioned]),
        lambda: world.log.extend(["one", "two"]),
        lambda: world.goes_on(
            buildComplete=True, buildStatus="SUCCEEDED", phases=[queued, provisioned, phase("BUILD", 7)]
        ),
        lambda: world.says(upload, "recorded", uri=URI),
    ]

    assert world.follow(upload) == [
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
        recorded(upload),
    ]


def test_while_it_waits_it_says_why(world: World) -> None:
    upload = world.upload()
    world.says(upload, "waiting", NO_ROOM)
    world.steps = [lambda: None, lambda: world.says(upload, "recorded", uri=URI)]

    assert world.follow(upload) == [Stage("waiting: CodeBuild takes no more builds now."), recorded(upload)]


def test_phases_that_take_no_time_are_left_out_unless_they_fail(world: World) -> None:
    upload = world.upload()
    world.builds_it(upload, phases=[phase("INSTALL", 0), phase("PRE_BUILD", 0), phase("BUILD", 0, "FAILED")])
    world.says(upload, "failed", "build-failed: x")

    assert world.follow(upload)[:-1] == [Phase("BUILD", False, 0)]


def test_a_phases_length_is_told_from_its_times_where_codebuild_does_not_say_it(world: World) -> None:
    upload = world.upload()
    began = world.began()
    failed = {
        "phaseType": "BUILD",
        "phaseStatus": "FAILED",
        "startTime": began,
        "endTime": began + timedelta(seconds=31),
    }
    world.builds_it(upload, phases=[failed, {"phaseType": "FINALIZING", "phaseStatus": "FAILED"}])
    world.says(upload, "failed", "build-failed: x")

    assert world.follow(upload)[:-1] == [Phase("BUILD", False, 31), Phase("FINALIZING", False, None)]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a/b:buildcache: not found", "#4 There is no layer cache yet. This build creates it."),
        (
            "a/b:buildcache: 403 Forbidden",
            "#4 ERROR: failed to configure registry cache importer: a/b:buildcache: 403 Forbidden",
        ),
    ],
)
def test_that_the_first_build_finds_no_cache_is_no_error(world: World, said: str, shown: str) -> None:
    upload = world.upload()
    world.builds_it(upload)
    world.log.append(f"#4 ERROR: failed to configure registry cache importer: {said}")
    world.says(upload, "recorded", uri=URI)

    assert [each for each in world.follow(upload) if isinstance(each, Line)] == [Line(shown)]


REASON = Reason("build-failed", "Dockerfile:3 RUN make ended with exit code 2.", ("make: *** [app] Error 2",))
ENDED = Ending("It exited with code 1 after 0.3 s, without network or configuration.", ("Error: no database",))
OURS = "[Container] 2026/11/30 12:00:00 "


def lines_of(world: World) -> list[str]:
    """What is shown of the log of a build."""
    upload = world.upload()
    world.builds_it(upload)
    world.says(upload, "failed", "build-failed: x")
    return [each.text for each in world.follow(upload) if isinstance(each, Line)]


def test_what_the_builder_prints_for_people_is_shown(world: World) -> None:
    world.log += [
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
    ]

    assert lines_of(world) == [
        'Fetching "hello.zip", version 1',
        "",
        "#1 [1/2] FROM busybox",
        f"#2 0.100 {reason_line(REASON)}",
        str(REASON),
        "a line that comes late",
    ]


def test_of_an_ending_the_line_for_machines_is_left_out(world: World) -> None:
    world.log += [f"{OURS}Running command python3 -I builder.zip try", ENDED.sentence, ending_line(ENDED), "Pushing"]

    assert lines_of(world) == [ENDED.sentence, "Pushing"]


@pytest.mark.parametrize(
    "error",
    [
        "curl: (28) Operation timed out after 30001 milliseconds",
        "An error occurred (AccessDeniedException) when calling the GetLayerVersion operation: denied",
        "aws: [ERROR]: An error occurred (AccessDeniedException) when calling the GetLayerVersion operation: denied",
        "The builder arn:aws:lambda:eu-west-1:123456789012:layer:builder:1 can't be used: the line above says why.",
    ],
)
def test_why_the_builder_could_not_be_fetched_is_shown_without_the_command(world: World, error: str) -> None:
    first, *others = "aws lambda get-layer-version-by-arn > builder.txt &&", "curl --output builder.zip ||", "{"
    world.log += [
        f"{OURS}Running command {first}",
        *others,
        error,
        f"{OURS}Command did not exit successfully {first}",
        *others,
        f"{OURS}Phase complete: INSTALL State: FAILED",
        f"{OURS}Phase context status code: COMMAND_EXECUTION_ERROR Message: Error while executing command: {first}",
        *others,
    ]

    assert lines_of(world) == [error]


def test_of_an_older_build_the_recipe_is_left_out(world: World) -> None:
    world.log += [
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
    ]

    assert lines_of(world) == ['Fetching "hello.zip", version 1', "", "#1 [1/2] FROM busybox"]


@pytest.mark.parametrize("line", [reason_line(REASON), "reason: build-failed: Dockerfile:3 RUN make failed."])
def test_the_reason_is_known_from_the_log(world: World, line: str) -> None:
    upload = world.upload()
    world.builds_it(upload)
    world.log += [line, *["output"] * 10]
    world.says(upload, "failed", "build-failed: x")
    follower = world.follower(upload)
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
def test_the_phase_of_a_running_build_is_said_in_plain_words(world: World, phase: str, words: str) -> None:
    upload = world.upload()
    world.builds_it(upload, currentPhase=phase)
    world.steps = [lambda: world.says(upload, "recorded", uri=URI)]

    assert Stage(words) in world.follow(upload)


def test_a_build_that_is_built_again_is_followed_anew(world: World) -> None:
    upload = world.upload()
    world.builds_it(upload, buildComplete=True, buildStatus="FAILED", phases=[phase("BUILD", 3, "FAILED")])
    world.log.append("first")
    world.says(upload, "waiting", "built-again: It is built again within 15 minutes.")
    world.steps = [
        lambda: world.builds_it(upload, phases=[phase("PROVISIONING", 30)]),
        lambda: world.says(upload, "recorded", uri=URI),
    ]

    told = world.follow(upload)
    assert [each.text for each in told if isinstance(each, Line)] == ["first", "first"]  # the story has one log
    assert [each for each in told if isinstance(each, Phase)] == [
        Phase("BUILD", False, 3),
        Phase("PROVISIONING", True, 30),
    ]


def test_another_uploads_build_is_not_taken_for_ones_own(world: World) -> None:
    other, upload = world.upload(), world.upload()
    world.builds_it(other, phases=[phase("BUILD", 3, "FAILED")])
    world.says(upload, "recorded", uri=URI)

    assert world.follow(upload) == [recorded(upload)]


# What the caller may not see


def test_without_the_permission_to_read_logs_it_says_so_once_and_goes_on(world: World) -> None:
    upload = world.upload()
    world.denies("GetLogEvents", "logs:GetLogEvents")
    world.builds_it(upload, phases=[phase("PROVISIONING", 40)])
    world.steps = [lambda: None, lambda: world.says(upload, "recorded", uri=URI)]

    told = world.follow(upload)
    (note,) = [each.text for each in told if isinstance(each, Note)]
    assert "logs:GetLogEvents" in note
    assert Phase("PROVISIONING", True, 40) in told


def test_without_the_permission_to_see_builds_the_status_says_the_end(world: World) -> None:
    upload = world.upload()
    world.denies("ListBuildsForProject", "codebuild:ListBuildsForProject")
    world.says(upload, "accepted", "A build is queued or runs.")
    world.steps = [lambda: None, lambda: world.says(upload, "recorded", uri=URI)]

    told = world.follow(upload)
    assert [type(each) for each in told] == [Note, Stage, Ended]
    assert "codebuild:ListBuildsForProject" in told[0].text  # type: ignore[union-attr]
    assert len(world.wire.of("ListBuildsForProject")) == 1


def test_where_the_bucket_alone_is_known_nothing_else_is_asked_for(world: World) -> None:
    upload = world.upload()
    world.says(upload, "accepted", "A build is queued or runs.")
    world.steps = [lambda: world.says(upload, "recorded", uri=URI)]

    assert world.follow(upload, Stack(STACK.bucket)) == [Stage("building"), recorded(upload)]
    assert set(world.wire.operations) <= {"GetObjectTagging", "PutObjectTagging", "PutObject"}


# AWS's moods


@pytest.mark.parametrize(("code", "status"), [("SlowDown", 503), ("ThrottlingException", 400), ("InternalError", 500)])
@pytest.mark.parametrize("operation", ["GetObjectTagging", "BatchGetBuilds", "GetLogEvents"])
def test_throttled_or_unanswered_it_says_so_once_and_tries_on(
    world: World, operation: str, code: str, status: int
) -> None:
    upload = world.upload()
    world.builds_it(upload)
    world.refuses(operation, code, status)

    def mend() -> None:
        world.mends(operation)
        world.says(upload, "recorded", uri=URI)

    world.steps = [lambda: None, lambda: None, mend]

    told = world.follow(upload)
    assert [each.text for each in told if isinstance(each, Note)] == ["AWS doesn't answer right now. Trying again …"]
    assert told[-1] == recorded(upload)


def test_unanswered_for_long_it_gives_up(world: World) -> None:
    upload = world.upload()
    world.refuses("GetObjectTagging", "SlowDown", 503)
    world.steps = [lambda: None] * 1000

    with pytest.raises(Problem, match="is throttling requests"):
        world.follow(upload)


def test_lines_that_came_before_a_throttled_page_are_not_lost(world: World) -> None:
    upload = world.upload()
    world.builds_it(upload)
    world.log += ["1", "2", "3", "4"]  # of which a page has three
    pages = iter([world.page(0), THROTTLED, world.page(3), world.page(4)])
    world.wire.heals("GetLogEvents")
    world.wire.answers_one_by_one("GetLogEvents", pages)
    world.steps = [lambda: world.says(upload, "recorded", uri=URI)]

    assert [each.text for each in world.follow(upload) if isinstance(each, Line)] == ["1", "2", "3", "4"]


# What takes too long


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A follower that looks once a minute where nothing happens."""
    monkeypatch.setattr(following, "LONG_PAUSE_SECONDS", 60.0)


@pytest.mark.usefixtures("patient")
def test_an_upload_of_which_s3_tells_nothing_is_given_up(world: World) -> None:
    upload = world.upload()
    world.steps = [lambda: None] * 2000

    told: list[Happening] = []
    with pytest.raises(Problem, match="S3 hasn't reported this upload"):
        told.extend(world.follower(upload).follow())
    assert [type(each) for each in told if not isinstance(each, Still)] == [Stage, Note]
    assert 15 * 60 <= sum(world.pauses) < 16 * 60


def test_an_upload_that_waits_is_followed_as_long_as_its_build_is_waited_for(world: World) -> None:
    upload = world.upload()
    world.says(upload, "waiting", NO_ROOM)
    world.steps = [lambda: None] * 10
    now = count(step=FOLLOWED / 8)  # from clock to clock, of which each look reads two

    said = r"Stopped following after 300 minutes\..*CodeBuild takes no more builds now"
    with pytest.raises(Problem, match=said) as problem:
        list(replace(world.follower(upload), clock=lambda: next(now)).follow())
    assert problem.value.code == TIMED_OUT
    assert len(world.pauses) == 7


def test_a_timeout_in_which_aws_never_answers_says_so(world: World) -> None:
    upload = world.upload()
    world.refuses("GetObjectTagging", "SlowDown", 503)
    world.steps = [lambda: None] * 3

    with pytest.raises(
        Problem, match=r"Stopped following after 0\.05 minutes\. The upload continues: AWS doesn't answer right now"
    ):
        list(world.follower(upload, timeout=3).follow())


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("stack", [STACK, Stack(STACK.bucket)], ids=["the stack", "the bucket"])
def test_it_is_followed_as_long_as_the_caller_says(world: World, stack: Stack) -> None:
    upload = world.upload()
    world.builds_it(upload)
    world.says(upload, "accepted", "A build is queued or runs.")
    world.steps = [lambda: None] * 10000

    with pytest.raises(Problem, match=r"Stopped following after 10 minutes\. The upload continues") as problem:
        list(world.follower(upload, stack, timeout=600).follow())
    assert problem.value.code == TIMED_OUT
    assert 540 < sum(world.pauses) <= 600


def test_time_that_passes_while_aws_is_asked_counts(world: World) -> None:
    upload = world.upload()
    world.says(upload, "accepted", "A build is queued or runs.")
    world.steps = [lambda: None] * 10000
    now = count(step=60)  # each look takes a minute
    follower = replace(world.follower(upload, timeout=600), clock=lambda: next(now))

    with pytest.raises(Problem, match="Stopped following after 10 minutes"):
        list(follower.follow())
    assert len(world.pauses) == 9


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    ("ended", "status", "reason"),
    [
        ("SUCCEEDED", "accepted", "A build is queued or runs."),
        ("SUCCEEDED", "waiting", "not-recorded: The image is built and cannot be recorded now."),
        ("FAILED", "accepted", "A build is queued or runs."),
        ("STOPPED", "accepted", "A build is queued or runs."),
    ],
)
def test_a_build_that_has_ended_and_is_not_recorded_is_late_and_then_given_up(
    world: World, ended: str, status: str, reason: str
) -> None:
    upload = world.upload()
    world.says(upload, status, reason)
    world.builds_it(upload, buildComplete=True, buildStatus=ended)
    world.steps = [lambda: None] * 10000

    told: list[Happening] = []
    with pytest.raises(Problem, match="The build has ended, but isn't recorded after 20 minutes") as problem:
        told.extend(world.follower(upload).follow())
    assert problem.value.code == UNRECORDED
    assert "ship doctor" in problem.value.to_do
    assert 20 * 60 <= sum(world.pauses) < 21 * 60


def test_it_says_when_a_recording_is_late(world: World) -> None:
    upload = world.upload()
    world.says(upload, "accepted", "A build is queued or runs.")
    world.builds_it(upload, buildComplete=True, buildStatus="SUCCEEDED")
    world.steps = [*[lambda: None] * 120, lambda: world.says(upload, "recorded", uri=URI)]

    told = world.follow(upload)
    assert [each.text[:44] for each in told if isinstance(each, Note)] == [
        "The build has ended, but isn't recorded yet."
    ]
    assert told[-1] == recorded(upload)


@pytest.mark.usefixtures("patient")
def test_a_build_that_is_to_be_built_again_is_waited_for(world: World) -> None:
    upload = world.upload()
    world.says(upload, "waiting", "built-again: It is built again within 15 minutes.")
    world.builds_it(upload, buildComplete=True, buildStatus="FAILED")
    world.steps = [*[lambda: None] * 100, lambda: world.says(upload, "recorded", uri=URI)]

    told = world.follow(upload)
    assert [each for each in told if isinstance(each, Note)] == []
    assert sum(world.pauses) > 20 * 60


@pytest.mark.usefixtures("patient")
def test_where_the_uploaders_own_tags_leave_no_room_for_a_status_its_build_is_followed(world: World) -> None:
    upload = world.upload()
    world.builds_it(upload)
    world.steps = [*[lambda: None] * 100, lambda: world.says(upload, "recorded", uri=URI)]

    assert world.follow(upload)[-1] == recorded(upload)  # though nothing was reported for more than 15 minutes


def test_each_half_minute_in_which_nothing_happens_it_says_that_it_goes_on(world: World) -> None:
    upload = world.upload()
    world.says(upload, "waiting", NO_ROOM)
    world.steps = [*[lambda: None] * 60, lambda: world.says(upload, "recorded", uri=URI)]

    told = [each for each in world.follow(upload) if isinstance(each, Still)]
    assert told == [Still("waiting: CodeBuild takes no more builds now.")] * 2


def test_where_nothing_happens_it_asks_less_often(world: World) -> None:
    upload = world.upload()
    world.builds_it(upload)
    world.says(upload, "accepted", "A build is queued or runs.")
    quiet = 80
    world.steps = [lambda: None] * quiet
    world.steps += [lambda: world.log.append("one"), lambda: None, lambda: world.says(upload, "recorded", uri=URI)]

    world.follow(upload)
    assert world.pauses[:50] == [1.0] * 50
    assert world.pauses[quiet] == 5.0
    assert world.pauses[quiet + 1] == 1.0  # a line has come


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchVersion", "MethodNotAllowed"])
def test_an_upload_that_is_gone_ends_it(world: World, code: str) -> None:
    upload = world.upload()
    world.refuses("GetObjectTagging", code, 404)

    with pytest.raises(Problem, match=r"There is no upload hello\.zip"):
        world.follow(upload)


def test_what_is_refused_may_be_missing_as_s3_says_so_of_both(world: World) -> None:
    upload = world.upload()
    world.refuses("GetObjectTagging", "AccessDenied", 403)

    with pytest.raises(Problem, match=r"no upload hello\.zip .* or you lack the permission s3:GetObjectVersionTagging"):
        world.follow(upload)


def test_a_status_that_came_with_a_copy_is_not_its_own(world: World) -> None:
    other, upload = world.upload("other.zip"), world.upload()
    tags = world.access.s3.get_object_tagging
    world.says(other, "recorded", uri=URI)
    copied = tags(Bucket=STACK.bucket, Key=other.key)["TagSet"]
    world.access.s3.put_object_tagging(Bucket=STACK.bucket, Key=upload.key, Tagging={"TagSet": copied})
    world.steps = [lambda: world.says(upload, "failed", "build-failed: x")]

    assert world.follow(upload)[-1] == Ended(State(upload, "failed", tag_of(upload), "build-failed: x"))
