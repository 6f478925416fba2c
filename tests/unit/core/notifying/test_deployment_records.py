"""The records of auto-deploy, as they are read from the versions of its parameter."""

import json

import pytest

from core.notifying import deployments
from core.notifying.deployments import Record


def test_a_record_is_read_as_the_documents_describe_it() -> None:
    value = {
        "state": "not-healthy",
        "imageUri": "r/new@sha256:1",
        "version": 7,
        "running": "r/old@sha256:0",
        "deployment": "ecs-svc/1",
        "reason": "ECS gave up.",
        "exitCode": "3",
        "log": "group stream",
        "lines": ["bye"],
    }

    assert deployments.read([json.dumps(value)]) == [
        Record("not-healthy", "r/new@sha256:1", "r/old@sha256:0", "ECS gave up.", "3", ("bye",), "group stream", 7)
    ]


@pytest.mark.parametrize(
    "value",
    [
        *("", "garbage", "null", "7", "[]", "{}"),
        '{"state": "new"}',
        '{"state": "new", "imageUri": "x"}',
        '{"state": "running"}',
        '{"state": ["running"], "imageUri": "x"}',
        '{"state": "running", "imageUri": "x", "lines": 7}',
    ],
)
def test_what_is_no_record_is_left_out(value: str) -> None:
    assert deployments.read([value]) == []
