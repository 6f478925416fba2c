"""The clients wait and repeat far less than a function has time for; what commits or notifies is sent once."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

from aws import clients
from tests.support.hooks import hook
from tests.support.wire import Unread

REQUESTS: dict[str, Callable[[], object]] = {
    "s3": lambda: clients.s3().get_object_tagging(Bucket="uploads", Key="app.zip"),
    "ecr": lambda: clients.ecr().batch_get_image(repositoryName="app", imageIds=[{"imageTag": "latest"}]),
    "codebuild": lambda: clients.codebuild().start_build(projectName="app"),
    "s3 that notifies": lambda: clients.s3(clients.QUICK).get_object_tagging(Bucket="uploads", Key="app.zip"),
    "codebuild that notifies": lambda: clients.codebuild(clients.QUICK).batch_get_builds(ids=["app:1"]),
    "logs": lambda: clients.logs().get_log_events(logGroupName="builds", logStreamName="1"),
    "events": lambda: clients.events().put_events(Entries=[{"Source": "app", "DetailType": "End", "Detail": "{}"}]),
    "sns": lambda: clients.sns().publish(TopicArn="arn:aws:sns:us-east-1:123456789012:app", Message="End"),
    "ssm": lambda: clients.ssm().put_parameter(Name="/app", Value="app", Type="String"),
}
REPEATED = {"s3", "ecr", "codebuild"}
NOTIFYING = {"s3 that notifies", "codebuild that notifies", "logs", "events", "sns"}
ATTEMPTS = {name: 3 if name in REPEATED else 1 for name in REQUESTS}


def client(name: str) -> BaseClient:
    service, _, notifying = name.partition(" that ")
    made: BaseClient = getattr(clients, service)(*[clients.QUICK] * bool(notifying))
    return made


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations that were sent, each time without an answer; the waits between them are left out."""
    sent: list[str] = []

    def refuse(request: Any, event_name: str, **_: Any) -> Any:
        sent.append(event_name.rpartition(".")[2])
        return AWSResponse(request.url, 503, HTTPHeaders(), Unread())

    for name in REQUESTS:
        hook(client(name), "before-send", refuse)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    return sent


@pytest.mark.parametrize(("name", "times"), ATTEMPTS.items())
def test_a_request_without_an_answer_is_sent_as_often_as_its_client_may(
    attempts: list[str], name: str, times: int
) -> None:
    with pytest.raises(ClientError):
        REQUESTS[name]()

    assert len(attempts) == times


@pytest.mark.parametrize("name", REQUESTS)
def test_each_client_waits_for_seconds_at_most(name: str) -> None:
    config: Any = client(name).meta.config

    assert (config.connect_timeout, config.read_timeout) == ((1, 3) if name in NOTIFYING else (2, 5))


@pytest.mark.parametrize("name", REQUESTS)
def test_each_client_is_made_once(name: str) -> None:
    assert client(name) is client(name)


def test_a_request_that_the_oldest_boto3_of_lambda_cannot_send_fails() -> None:
    with pytest.raises(AssertionError, match="imageStatus"):
        clients.ecr().list_images(repositoryName="app", filter={"tagStatus": "TAGGED", "imageStatus": "ACTIVE"})
