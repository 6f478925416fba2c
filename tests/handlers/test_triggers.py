"""What rings: builds' ends are told of by their ids, and whatever else a bell says doesn't matter."""

import json
from typing import Any

import pytest

from tests.handlers.support.notifying import BUILD, Notifying
from tests.handlers.support.registry import uri
from tests.support.stack import event

GARBAGE = {
    "nothing": "",
    "no JSON": "garbage",
    "a list": "[]",
    "a text": '"aws.codebuild"',
    "no bell": "{}",
    "null": "null",
    "somebody else's": json.dumps({"source": "somebody.else", "detail": {"build-id": "x"}}),
    "no detail": json.dumps({"source": "aws.codebuild"}),
    "no id": json.dumps({"source": "aws.codebuild", "detail": {}}),
    "a detail that is none": json.dumps({"source": "aws.codebuild", "detail": "some"}),
    "an id that is none": json.dumps({"source": "aws.codebuild", "detail": {"build-id": 7}}),
}


def message(body: str) -> dict[str, Any]:
    """A message of the queue."""
    return {**BUILD, "body": body}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_has_rung_too(notifying: Notifying, garbage: str) -> None:
    upload = notifying.upload()
    notifying.succeeds(upload)
    notifying.trigger([message(garbage)])

    assert notifying.value == uri(upload.tag)
    assert notifying.subscriber.counts == (0, 0)
    assert notifying.printed.metrics["ImageRecorded"] == 1


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_hides_no_bell_of_its_batch(notifying: Notifying, garbage: str) -> None:
    upload = notifying.upload()
    notifying.trigger([message(garbage), notifying.build_event(notifying.succeeds(upload)), message(garbage)])

    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))
    assert notifying.subscriber.counts == (1, 1)


@pytest.mark.parametrize("name", ["build-succeeded", "build-failed", "build-stopped", "build-timed-out"])
def test_each_end_of_a_build_is_asked_for_by_its_id(notifying: Notifying, name: str) -> None:
    told = event(name)
    notifying.trigger([message(json.dumps(told))])

    assert notifying.notifier_wire.of("BatchGetBuilds") == [
        {"ids": [told["detail"]["build-id"].rpartition("build/")[2]]}
    ]


def test_a_parameter_s_bell_asks_for_no_build(notifying: Notifying) -> None:
    notifying.trigger([message(json.dumps(event("parameter-changed")))])

    assert notifying.notifier_wire.operations == []


def test_a_bell_of_a_build_that_is_gone_tells_nothing(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.build_ended("jwt-pizza-service:5a6b2f4e-93c1-4d7a-8e0f-999999999999", notifying.breaks(upload))

    assert notifying.subscriber.counts == (1, 1)
    assert notifying.printed.metrics == {"NothingToRecord": 1}


def test_what_the_bell_says_of_its_build_does_not_matter(notifying: Notifying) -> None:
    upload = notifying.upload()
    build_id = notifying.breaks(upload)
    told = json.loads(notifying.build_event(build_id)["body"])
    told["detail"] |= {"build-status": "SUCCEEDED", "additional-information": {}}
    notifying.trigger([message(json.dumps(told))])

    assert notifying.tags(upload)["build-status"] == "failed"


def test_all_kinds_of_bells_at_once(notifying: Notifying) -> None:
    rang, lost = notifying.upload(key="rang.zip"), notifying.upload(key="lost.zip")
    notifying.succeeds(lost)
    notifying.trigger(
        [
            notifying.build_event(notifying.succeeds(rang)),
            *notifying.others[1:],
            *notifying.schedule,
            message("garbage"),
        ]
    )

    assert {told["key"] for told in notifying.subscriber.events} == {"rang.zip", "lost.zip"}
    assert len(notifying.notifier_wire.of("ListBuildsForProject")) == 1
