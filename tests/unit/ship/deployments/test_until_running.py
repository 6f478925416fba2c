"""What `ship up --until running` says while ECS deploys a recorded image, and how it ends."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ship.asked import Asked
from ship.aws.cloudformation import Stack
from ship.outcomes import TIMED_OUT
from ship.problem import UNDONE
from ship.terminal import Terminal
from ship.until import Until
from ship.uploads import following, log_printing
from ship.uploads.happenings import Note, Stage
from tests.unit.ship.support.story import URI, Story, nothing
from tests.unit.ship.support.uploader import Uploader
from tests.unit.ship.support.world import STACK, Capsys, World

OTHER = f"{STACK.repository_uri}@sha256:{'b' * 64}"
TAGGED = "not-healthy: tasks failed to start. Exit code 3. no database"
FAILED = {
    "imageUri": URI,
    "reason": "ECS deployment circuit breaker: tasks failed to start.",
    "exitCode": "3",
    "log": "/ecs/service service/service/1",
    "lines": ["Connecting …", "no database"],
}
SAID = (
    "Error: not-healthy: ECS deployment circuit breaker: tasks failed to start. Exit code 3. no database\n"
    "The last lines of the task:\n  Connecting …\n  no database\nThe task's log: /ecs/service service/service/1\n"
)


@pytest.fixture
def followed(uploader: Uploader) -> Uploader:
    """Somebody whose stack a service follows."""
    uploader.world.follows()
    return uploader


def until_running(uploader: Uploader, status: str, reason: str = "", **how: Any) -> int:
    """The exit code where the upload is recorded and then gets this status."""
    uploader.world.steps = [uploader.then("recorded", uri=URI), nothing, uploader.then(status, reason, URI)]
    return uploader.up(until=Until.RUNNING, **how)


def test_an_image_that_runs_ends_it_with_the_uri_alone_and_the_page_s_address(followed: Uploader) -> None:
    followed.world.has_stack(f"{STACK.service}-ecs", outputs={"Url": "http://balancer.example"})

    assert until_running(followed, "running") == 0
    assert followed.out == f"{URI}\n"
    assert followed.said.endswith("  running\nIt answers at http://balancer.example\n")
    assert followed.said.count("recorded; waiting until ECS runs it") == 1


def test_without_a_page_nothing_is_said_of_its_address(followed: Uploader) -> None:
    assert until_running(followed, "running") == 0
    assert followed.said.endswith("  running\n")

    followed.world.denies("DescribeStacks", "cloudformation:DescribeStacks")
    assert until_running(followed, "running") == 0
    assert followed.said.endswith("  running\n")


def test_an_image_that_is_not_healthy_ends_it_with_the_task_s_words(followed: Uploader) -> None:
    followed.world.follows("not-healthy", **FAILED)

    assert until_running(followed, "not-healthy", TAGGED) == 5
    assert followed.out == f"{URI}\n"
    assert followed.said.endswith(SAID)


def test_as_json_the_task_s_words_are_members_of_the_answer(followed: Uploader) -> None:
    followed.world.follows("not-healthy", **FAILED)

    assert until_running(followed, "not-healthy", TAGGED, as_json=True) == 5
    answer = json.loads(followed.out)
    assert (answer["status"], answer["imageUri"], answer["output"]) == ("not-healthy", URI, FAILED["lines"])
    assert answer["reason"].startswith("not-healthy: ECS deployment circuit breaker: tasks failed to start. ")
    assert answer["log"] == FAILED["log"]


@pytest.mark.parametrize(
    "record", [{"state": "deploying", "imageUri": OTHER}, FAILED | {"state": "not-healthy", "imageUri": OTHER}]
)
def test_a_record_of_another_image_leaves_the_words_of_the_status(followed: Uploader, record: dict[str, Any]) -> None:
    followed.world.follows(**record)

    assert until_running(followed, "not-healthy", TAGGED) == 5
    assert followed.said.endswith(f"Error: {TAGGED}\n")


@pytest.mark.parametrize(
    ("record", "by_what"),
    [
        ({"state": "deploying", "imageUri": OTHER, "running": URI}, f" ECS deploys {OTHER} now."),
        ({"state": "running", "imageUri": OTHER, "running": OTHER}, f" ECS runs {OTHER} now."),
        ({"state": "changed", "imageUri": URI, "running": OTHER}, f" ECS runs {OTHER} now."),
        ({"state": "new"}, ""),
    ],
)
@pytest.mark.parametrize("status", ["replaced", "rolled-back"])
def test_an_image_that_another_overtook_ends_it_with_6_and_the_other(
    followed: Uploader, status: str, record: dict[str, Any], by_what: str
) -> None:
    followed.world.follows(**record)

    assert until_running(followed, status, f"{status}: The service got another image.") == 6
    assert followed.said.endswith(f"Error: {status}: The service got another image.{by_what}\n")


@pytest.mark.parametrize(("status", "code"), [("failed", 1), ("rejected", 1), ("superseded", 3)])
def test_an_upload_without_an_image_ends_it_as_ever(followed: Uploader, status: str, code: int) -> None:
    followed.world.steps = [followed.then(status, "some-code: Words.")]

    assert followed.up(until=Until.RUNNING) == code


def test_where_no_service_follows_nothing_is_sent_and_it_says_how_to_deploy_one(uploader: Uploader) -> None:
    problem = uploader.refused(f"No ECS service follows {STACK.parameter}", until=Until.RUNNING)

    assert problem.code == UNDONE
    assert f"examples/ecs-service/auto-deploy.sh {STACK.service} {STACK.name}" in problem.to_do
    assert uploader.world.wire.of("PutObject") == []


def test_without_the_permission_to_see_the_record_the_status_says_the_end(followed: Uploader) -> None:
    followed.world.denies("GetParameter", "ssm:GetParameter")

    assert until_running(followed, "not-healthy", TAGGED) == 5
    assert followed.said.count("without the permission ssm:GetParameter.\nThe upload's status will show") == 1
    assert followed.said.endswith(f"Error: {TAGGED}\n")


def test_where_the_bucket_alone_is_known_the_image_s_repository_names_the_service(uploader: Uploader) -> None:
    uploader.stack = Stack(STACK.bucket)
    uploader.world.follows("not-healthy", **FAILED)

    assert until_running(uploader, "not-healthy", TAGGED) == 5
    assert "Warning: With the bucket alone, ship can't check yet whether an ECS service follows" in uploader.said
    assert uploader.said.endswith(SAID)
    assert uploader.world.wire.of("DescribeStacks") == []


def test_where_the_bucket_alone_is_known_and_no_service_follows_it_stops_once_recorded(uploader: Uploader) -> None:
    uploader.stack = Stack(STACK.bucket)
    uploader.world.steps = [uploader.then("recorded", uri=URI)]

    problem = uploader.refused(f"No ECS service follows {STACK.parameter}", until=Until.RUNNING)
    assert problem.to_do.endswith(f"auto-deploy.sh {STACK.service} STACK")


def test_interrupted_it_says_by_which_command_to_go_on_to_the_same_end(followed: Uploader) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    followed.world.steps = [followed.then("recorded", uri=URI), interrupt]

    assert followed.up(until=Until.RUNNING) == 130
    assert f"--version {followed.sent().version_id} --follow --until running" in followed.said


@pytest.mark.parametrize(
    ("status", "level"),
    [("running", ""), ("not-healthy", "Warning: "), ("replaced", "Warning: "), ("rolled-back", "Warning: ")],
)
def test_by_default_each_status_of_a_recorded_upload_is_a_success(uploader: Uploader, status: str, level: str) -> None:
    uploader.world.steps = [uploader.then(status, level and f"{status}: Words.", URI)]

    assert uploader.up() == 0
    assert uploader.out == f"{URI}\n"
    assert uploader.said.endswith(f"{level}{status}: Words.\n" if level else "  running\n")


# While it waits


def watched(story: Story) -> list[object]:
    """The happenings that a follower reports until ECS runs the image."""
    return [*replace(story.world.follower(story.upload), until=Until.RUNNING).follow()]


def test_while_ecs_deploys_the_image_it_says_so(story: Story) -> None:
    world = story.world
    world.follows("running", imageUri=OTHER, running=OTHER)
    story.says("recorded")
    world.steps = [
        lambda: world.follows("deploying", imageUri=OTHER),  # one that was recorded before
        lambda: world.follows("deploying", imageUri=URI, running=OTHER),
        nothing,
        lambda: story.says("running"),
    ]

    told = watched(story)
    assert told[:-1] == [Stage("recorded; waiting until ECS runs it"), Stage("recorded; ECS deploys it")]
    assert world.wire.of("GetParameter")[-1] == {"Name": f"/{STACK.service}/deployment"}


def test_once_an_upload_is_recorded_its_build_is_looked_at_no_more(story: Story) -> None:
    story.world.follows()
    story.builds(buildComplete=True, buildStatus="SUCCEEDED")
    story.says("recorded")
    story.world.steps = [*[nothing] * 20, lambda: story.says("running")]

    watched(story)
    assert len(story.world.wire.of("ListBuildsForProject")) == 1


def test_a_throttled_look_at_the_record_is_tried_again(story: Story) -> None:
    story.world.follows()
    story.world.refuses("GetParameter", "ThrottlingException")
    story.says("recorded")
    story.world.steps = [nothing, lambda: story.world.answers_again("GetParameter"), lambda: story.says("running")]

    assert watched(story)[0] == Note("AWS doesn't answer right now. Trying again …")


def test_a_verdict_that_does_not_come_is_late_and_then_given_up(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "LONG_PAUSE_SECONDS", 60.0)
    story.world.follows("deploying", imageUri=URI)
    story.says("recorded")
    story.drags()

    problem, told = story.gives_up("40 minutes later it isn't known whether ECS runs it", until=Until.RUNNING)
    assert problem.code == TIMED_OUT
    assert "ship status --stack source-to-ecr\nTo find the cause: ship doctor" in problem.to_do
    (late,) = [each.text for each in told if isinstance(each, Note)]
    assert late.startswith("ECS doesn't run the image yet.")
    assert 40 * 60 <= sum(story.world.pauses) < 42 * 60


def test_followed_logs_end_as_the_upload_does(world: World, capsys: Capsys) -> None:
    upload = world.upload()
    world.follows("not-healthy", **FAILED)
    world.says(upload, "not-healthy", TAGGED, URI)
    world.builds_it(upload, buildComplete=True)
    asked = Asked(world.access, STACK, upload.key)

    assert log_printing.follow(asked, Terminal(), 60, Until.RUNNING) == 5
    assert capsys.readouterr().err.endswith(SAID)
    assert log_printing.follow(asked, Terminal(), 60) == 0
