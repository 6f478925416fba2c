"""What `ship` says of an upload whose own tags leave no room for the URI: the status keeps the reason in its place."""

import json

import pytest

from ship.asked import Asked
from ship.aws.cloudformation import Stack
from ship.terminal import Terminal
from ship.until import Until
from ship.uploads import explaining
from tests.unit.ship.support.story import URI, nothing
from tests.unit.ship.support.uploader import Uploader
from tests.unit.ship.support.world import STACK, Capsys, World

OTHER = f"{STACK.repository_uri}@sha256:{'b' * 64}"
TAGGED = "not-healthy: tasks failed to start."
FAILED = {"imageUri": URI, "reason": "The circuit breaker said: tasks failed to start.", "lines": ["no database"]}


@pytest.fixture
def followed(uploader: Uploader) -> Uploader:
    """Somebody whose stack a service follows, and whose upload loses its URI once it isn't healthy."""
    uploader.world.follows("not-healthy", **FAILED)
    uploader.world.steps = [uploader.then("recorded", uri=URI), nothing, uploader.then("not-healthy", TAGGED)]
    return uploader


def test_the_uri_that_was_seen_before_is_printed_and_its_record_is_found(followed: Uploader) -> None:
    assert followed.up(until=Until.RUNNING) == 5
    assert followed.out == f"{URI}\n"
    assert "Error: not-healthy: The circuit breaker said: tasks failed to start." in followed.said
    assert "The last lines of the task:\n  no database\n" in followed.said


def test_as_json_the_uri_that_was_seen_before_is_a_member(followed: Uploader) -> None:
    assert followed.up(until=Until.RUNNING, as_json=True) == 5
    answer = json.loads(followed.out)
    assert (answer["imageUri"], answer["output"]) == (URI, ["no database"])


def test_an_upload_whose_uri_was_never_seen_ends_with_the_status_s_own_words(followed: Uploader) -> None:
    followed.world.steps = [followed.then("not-healthy", TAGGED)]

    assert followed.up(until=Until.RUNNING) == 5
    assert followed.out == ""
    assert followed.said.endswith(f"Error: {TAGGED}\n")


@pytest.mark.parametrize(
    ("status", "words"),
    [("not-healthy", "not-healthy: Words."), ("replaced", f"replaced: Words. ECS runs {OTHER} now.")],
)
def test_without_a_uri_the_record_is_looked_up_by_the_stack_s_service(
    world: World, capsys: Capsys, status: str, words: str
) -> None:
    upload = world.upload()
    world.follows("running", imageUri=OTHER, running=OTHER)
    world.says(upload, status, f"{status}: Words.")

    explaining.explain(Asked(world.access, STACK, upload.key), Terminal(), as_json=False)
    assert words in capsys.readouterr().out
    assert {each["Name"] for each in world.wire.of("GetParameter")} == {f"/{STACK.service}/deployment"}


def test_where_the_bucket_alone_is_known_and_no_uri_was_seen_no_parameter_is_asked_for(followed: Uploader) -> None:
    followed.stack = Stack(STACK.bucket)
    followed.world.steps = [followed.then("not-healthy", TAGGED)]

    assert followed.up(until=Until.RUNNING) == 5
    assert followed.said.endswith(f"Error: {TAGGED}\n")
    assert followed.world.wire.of("GetParameter") == []
