"""The clients wait and repeat far less than a function has time for; SSM is asked once."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

import clients

REQUESTS: dict[str, Callable[[], object]] = {
    "s3": lambda: clients.s3().get_object_tagging(Bucket="uploads", Key="app.zip"),
    "ecr": lambda: clients.ecr().batch_get_image(repositoryName="app", imageIds=[{"imageTag": "latest"}]),
    "codebuild": lambda: clients.codebuild().start_build(projectName="app"),
    "ssm": lambda: clients.ssm().put_parameter(Name="/app", Value="app", Type="String"),
}
ATTEMPTS = {"s3": 3, "ecr": 3, "codebuild": 3, "ssm": 1}


def client(name: str) -> BaseClient:
    made: BaseClient = getattr(clients, name)()
    return made


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations that were sent, each time without an answer; the waits between them are left out."""
    sent: list[str] = []

    def refuse(request: Any, event_name: str, **_: Any) -> Any:
        sent.append(event_name.rpartition(".")[2])
        return AWSResponse(request.url, 503, HTTPHeaders(), Unread())

    for name in REQUESTS:
        client(name).meta.events.register_first("before-send", refuse)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    return sent


class Unread:
    """The body of an answer that says nothing."""

    def stream(self) -> list[bytes]:
        """No part of it."""
        return []


@pytest.mark.parametrize(("name", "times"), ATTEMPTS.items())
def test_a_request_without_an_answer_is_repeated_so_often(attempts: list[str], name: str, times: int) -> None:
    with pytest.raises(ClientError):
        REQUESTS[name]()

    assert len(attempts) == times


@pytest.mark.parametrize("name", REQUESTS)
def test_each_waits_for_seconds(name: str) -> None:
    config: Any = client(name).meta.config

    assert (config.connect_timeout, config.read_timeout) == (2, 5)


@pytest.mark.parametrize("name", REQUESTS)
def test_each_is_made_once(name: str) -> None:
    assert client(name) is client(name)
