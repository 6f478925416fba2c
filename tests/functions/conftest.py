"""A cloud of its own for each test, and the functions with the environment that the template gives them."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

import record_image
import start_build
from aws import cloudwatch_logs
from tests.functions.support.frozen_clock import Clock, Seconds
from tests.functions.support.lambdas import Printed, Stdout, deployed, variables
from tests.functions.support.notifying import Notifying
from tests.functions.support.oldest_boto3 import check_request
from tests.functions.support.recording import Recording
from tests.functions.support.starting import Starting
from tests.support.digests import digests_of_manifests
from tests.support.hooks import unhook_all
from tests.support.stack import Stack


@pytest.fixture(scope="session")
def stack() -> Stack:
    """The template with physical names."""
    return deployed()


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """What has read the services' models, for all tests; its clients send nothing that Lambda's oldest boto3 can't."""
    made = boto3.Session()
    made.events.register("provide-client-params.*.*", check_request)
    return made


@pytest.fixture(autouse=True)
def cloud(session: boto3.Session) -> Iterator[None]:
    """An empty account, and the functions' clients without hooks."""
    with mock_aws(), digests_of_manifests():
        boto3.DEFAULT_SESSION = session  # moto has just thrown away the last one
        yield
    unhook_all()


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time stands, and what the functions wait takes none; the seconds of each wait."""
    seconds = Seconds()
    monkeypatch.setattr(cloudwatch_logs, "time", seconds)
    for function in (start_build, record_image):
        monkeypatch.setattr(function, "datetime", Clock)
    return seconds.waits


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Printed:
    """What the functions print. Both have one logger, which found its stream before this test began."""
    for handler in start_build.logger.handlers:
        monkeypatch.setattr(handler, "stream", Stdout())
    return Printed(capsys)


@pytest.fixture
def starting(stack: Stack, printed: Printed, monkeypatch: pytest.MonkeyPatch) -> Iterator[Starting]:
    """StartBuild with an empty bucket, an empty repository, and a CodeBuild that takes no build yet."""
    for name, value in variables(stack, "StartBuild").items():
        monkeypatch.setenv(name, value)
    made = Starting(printed)
    yield made
    made.codebuild.deactivate()
    made.codebuild.assert_no_pending_responses()


@pytest.fixture
def recording(stack: Stack, printed: Printed, monkeypatch: pytest.MonkeyPatch) -> Recording:
    """RecordImage with an empty repository and no parameter."""
    for name, value in variables(stack, "RecordImage").items():
        monkeypatch.setenv(name, value)
    return Recording(printed)


@pytest.fixture
def notifying(stack: Stack, printed: Printed, monkeypatch: pytest.MonkeyPatch) -> Notifying:
    """RecordImage with an empty bucket, an empty repository, no parameter and no builds."""
    for name, value in variables(stack, "RecordImage").items():
        monkeypatch.setenv(name, value)
    return Notifying(printed)
