"""The check of Docker Hub's mirror."""

import pytest

from tests.verify.support.stories import LOG, evidence, story
from verify.checks import building
from verify.checks.building import docker_hub_mirror
from verify.gathering.uploads import Story
from verify.verdicts import DidNotHold, NotTried, Partly


def look(monkeypatch: pytest.MonkeyPatch, ended: Story) -> str:
    """What the check says if the upload ended like this."""
    monkeypatch.setattr(building, "from_docker_hub", lambda _: ended)
    return docker_hub_mirror(evidence())


def test_an_image_from_docker_hub_shows_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(look(monkeypatch, story()), Partly)


def test_a_limit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    limited = story("waiting", "rate-limited: …", [*LOG, "429 Too Many Requests - toomanyrequests: You have reached"])

    with pytest.raises(DidNotHold, match="toomanyrequests"):
        look(monkeypatch, limited)


def test_another_failure_says_nothing_about_the_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotTried):
        look(monkeypatch, story("failed", "build-failed: Dockerfile:2 RUN exit 7"))


def test_another_endpoint_than_aws_s_says_nothing_about_codebuild_s_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")

    with pytest.raises(NotTried, match="Outside AWS"):
        look(monkeypatch, story())
