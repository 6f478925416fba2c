"""The tag is the commit: the builder pushes it once, with the image, and only after the trial passed."""

import pytest

from tests.unit.builder.support.sandbox import TAG, Sandbox


@pytest.mark.parametrize("words", ["denied: User is not authorized to perform: ecr:InitiateLayerUpload", " "])
def test_a_failed_push_is_reported_in_the_registry_s_words(sandbox: Sandbox, words: str) -> None:
    sandbox.engine.errors["push"] = words
    ended = sandbox.run()
    assert ended.code == "push-failed"
    assert ended.sentence.endswith(words.strip() or "It ended without a message.")


def test_a_push_fails_if_ecr_does_not_say_whether_the_tag_exists(sandbox: Sandbox) -> None:
    sandbox.engine.errors["push"] = "unexpected status: 503"
    sandbox.aws.fails("BatchGetImage", "ServerException", 500)
    assert sandbox.run().code == "push-failed"


def test_words_about_pushing_do_not_make_a_failed_build_a_failed_push(sandbox: Sandbox) -> None:
    sandbox.build_fails("#7 pushing layers\nERROR: failed to push\n")
    assert sandbox.run().code == "build-failed"
    assert sandbox.engine.asked("push") == []


def test_a_build_overtaken_by_another_of_its_upload_succeeds(sandbox: Sandbox) -> None:
    sandbox.engine.meanwhile["push"] = lambda: sandbox.tag(TAG)
    ended = sandbox.run()
    assert ended.succeeded
    assert ended.log.endswith(f"Another build of this upload was first to push {TAG}.\n")


def test_an_image_is_pushed_even_if_its_container_can_t_be_removed(sandbox: Sandbox) -> None:
    sandbox.engine.errors["rm"] = "Error response from daemon: removal is in progress"
    assert sandbox.execute().succeeded
    assert sandbox.tags() == [TAG]
