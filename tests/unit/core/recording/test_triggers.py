"""The messages that wake RecordImage: a build's event gives the build's id; the schedule and auto-deploy are known."""

import json
from typing import Any

import pytest

from core.recording.triggers import Triggers
from tests.support.stack import event

DEPLOYMENT = "/jwt-pizza-service/deployment"
ID = "jwt-pizza-service:5a6b2f4e-93c1-4d7a-8e0f-2b9d51c7a360"
BODIES: dict[str, tuple[Any, Triggers]] = {
    "a build": (
        {"source": "aws.codebuild", "detail": {"build-id": f"arn:aws:codebuild:x:1:build/{ID}"}},
        Triggers((ID,), schedule=False),
    ),
    "the schedule": ({"source": "aws.events"}, Triggers((), schedule=True)),
    "a record of auto-deploy": (
        {"source": "aws.ssm", "detail": {"name": DEPLOYMENT}},
        Triggers((), schedule=False, deployment=True),
    ),
    **{
        name: (body, Triggers((), schedule=False))
        for name, body in {
            "a list": ["aws.codebuild"],
            "a text": "aws.codebuild",
            "an empty object": {},
            "null": None,
            "somebody else's": {"source": "somebody.else", "detail": {"build-id": "x"}},
            "no detail": {"source": "aws.codebuild"},
            "no id": {"source": "aws.codebuild", "detail": {}},
            "a detail that is none": {"source": "aws.codebuild", "detail": "some"},
            "an id that is none": {"source": "aws.codebuild", "detail": {"build-id": 7}},
            "a parameter": event("parameter-changed"),
            "another service's record": {"source": "aws.ssm", "detail": {"name": "/other/deployment"}},
        }.items()
    },
}


def read(*bodies: str) -> Triggers:
    """The triggers in a batch of these messages."""
    return Triggers.from_queue({"Records": [{"body": body} for body in bodies]}, DEPLOYMENT)


@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES)
def test_a_message_names_a_build_or_is_known_or_only_wakes(body: Any, expected: Triggers) -> None:
    assert read(json.dumps(body)) == expected


@pytest.mark.parametrize("body", ["", "garbage"])
def test_a_message_that_is_no_json_only_wakes(body: str) -> None:
    assert read(body) == Triggers((), schedule=False)


@pytest.mark.parametrize("name", ["build-succeeded", "build-failed", "build-stopped", "build-timed-out"])
def test_each_build_event_names_its_build(name: str) -> None:
    arn = event(name)["detail"]["build-id"]

    assert read(json.dumps(event(name))).build_ids == (arn.rpartition("build/")[2],)


def test_a_batch_names_each_build_once_in_its_order_whatever_is_between() -> None:
    first, second = (json.dumps({"source": "aws.codebuild", "detail": {"build-id": f"build/{each}"}}) for each in "21")

    assert read(first, "garbage", second, '{"source": "aws.events"}', first) == Triggers(("2", "1"), schedule=True)


def test_an_event_without_messages_names_nothing() -> None:
    assert Triggers.from_queue({}, DEPLOYMENT) == Triggers((), schedule=False)
