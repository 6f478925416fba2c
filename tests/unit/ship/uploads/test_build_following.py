"""A follower reports an upload's build: its phases, and the lines that are for people."""

from collections import deque
from datetime import timedelta

import pytest

from core.build_log import Ending, ending_line, reason_in, reason_line
from core.reasons import Reason
from ship.uploads.happenings import Phase, Stage
from tests.unit.ship.support.story import Story, phase


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

    assert follower.build.reason == reason_in([line])
    assert follower.build.ending is None


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
