"""A function in the local cloud: what it prints is in its log."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.pipeline import Pipeline
from tests.support.zips import zipped

TIMES = 40
PRINTS = """\
def handler(event, context):
  print("first of", event)
  print("last of", event)
"""


@pytest.fixture
def function(cloud: Pipeline, unique: str) -> Iterator[str]:
    """A function that prints lines."""
    iam, functions = cloud.client("iam"), cloud.client("lambda")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName=unique, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    code = {"ZipFile": zipped({"code.py": PRINTS})}
    functions.create_function(
        FunctionName=unique, Runtime="python3.13", Handler="code.handler", Role=role, Code=code, Timeout=30
    )
    yield unique
    functions.delete_function(FunctionName=unique)
    iam.delete_role(RoleName=unique)


@pytest.fixture
def crowd(cloud: Pipeline) -> Iterator[None]:
    """While the test runs, others keep the local cloud busy."""
    leave = threading.Event()

    def ask() -> None:
        client = cloud.client("cloudformation")
        while not leave.is_set():
            client.describe_stacks()

    with ThreadPoolExecutor() as others:
        for _ in range(6):
            others.submit(ask)
        yield
        leave.set()


@pytest.mark.slow
def test_all_that_an_invocation_printed_is_in_its_log_when_its_answer_is_there(
    cloud: Pipeline, function: str, crowd: None
) -> None:
    for number in range(TIMES):
        cloud.client("lambda").invoke(FunctionName=function, Payload=str(number))

        events = cloud.logs.filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
        printed = [line for event in events for line in event["message"].splitlines()]
        assert f"last of {number}" in printed
