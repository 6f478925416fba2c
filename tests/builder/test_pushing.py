"""The tag is the commit: it comes with the image, once, after the image was tried, or the build failed."""

from tests.builder.support.sandbox import REGISTRY, REPOSITORY, TAG, Sandbox


def test_the_image_that_was_tried_is_pushed_under_its_tag(sandbox: Sandbox) -> None:
    assert sandbox.run().succeeded
    assert sandbox.engine.asked("push") == [["docker", "push", f"{REGISTRY}/{REPOSITORY}:{TAG}"]]
    assert sandbox.tags() == [TAG]


def test_a_failed_push_is_told_in_the_registry_s_words(sandbox: Sandbox) -> None:
    words = "denied: User is not authorized to perform: ecr:InitiateLayerUpload"
    sandbox.engine.errors["push"] = words
    ended = sandbox.run()
    assert ended.code == "push-failed"
    assert ended.sentence.endswith(words)


def test_a_push_that_fails_without_a_word_is_a_failure_too(sandbox: Sandbox) -> None:
    sandbox.engine.errors["push"] = " "
    assert sandbox.run().code == "push-failed"


def test_a_push_that_fails_where_ecr_does_not_say_what_it_has_is_a_failure(sandbox: Sandbox) -> None:
    sandbox.engine.errors["push"] = "unexpected status: 503"
    sandbox.aws.fails("BatchGetImage", "ServerException", 500)
    assert sandbox.run().code == "push-failed"


def test_a_build_that_fails_while_it_speaks_of_pushing_is_no_failed_push(sandbox: Sandbox) -> None:
    sandbox.build_fails("#7 pushing layers\nERROR: failed to push\n")
    assert sandbox.run().code == "build-failed"
    assert sandbox.engine.asked("push") == []


def test_a_build_that_another_of_its_upload_overtook_succeeds(sandbox: Sandbox) -> None:
    sandbox.engine.meanwhile["push"] = lambda: sandbox.tag(TAG)
    ended = sandbox.run()
    assert ended.succeeded
    assert ended.log.endswith(f"Another build of this upload was first to push {TAG}.\n")


def test_a_container_that_can_t_be_removed_keeps_no_image_from_being_pushed(sandbox: Sandbox) -> None:
    sandbox.engine.errors["rm"] = "Error response from daemon: removal is in progress"
    assert sandbox.execute().succeeded
    assert sandbox.tags() == [TAG]
