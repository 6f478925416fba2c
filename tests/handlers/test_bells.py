"""What rings: builds' ends are told of by their ids, and whatever else a bell says doesn't matter."""

import json
from typing import Any

import pytest

from tests.handlers.support.notifying import BUILD, Tellings
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
def test_garbage_has_rung_too(telling: Tellings, garbage: str) -> None:
    upload = telling.upload()
    telling.succeeds(upload)
    telling.ring([message(garbage)])

    assert telling.value == uri(upload.tag)
    assert telling.audience.heard == (0, 0)
    assert telling.printed.metrics["ImageRecorded"] == 1


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_hides_no_bell_of_its_batch(telling: Tellings, garbage: str) -> None:
    upload = telling.upload()
    telling.ring([message(garbage), telling.bell(telling.succeeds(upload)), message(garbage)])

    assert telling.tags(upload) == upload.recorded(uri(upload.tag))
    assert telling.audience.heard == (1, 1)


@pytest.mark.parametrize("name", ["build-succeeded", "build-failed", "build-stopped", "build-timed-out"])
def test_each_end_of_a_build_is_asked_for_by_its_id(telling: Tellings, name: str) -> None:
    told = event(name)
    telling.ring([message(json.dumps(told))])

    assert telling.telling.of("BatchGetBuilds") == [{"ids": [told["detail"]["build-id"].rpartition("build/")[2]]}]


def test_a_parameter_s_bell_asks_for_no_build(telling: Tellings) -> None:
    telling.ring([message(json.dumps(event("parameter-changed")))])

    assert telling.telling.operations == []


def test_a_bell_of_a_build_that_is_gone_tells_nothing(telling: Tellings) -> None:
    upload = telling.upload()
    telling.hear("jwt-pizza-service:5a6b2f4e-93c1-4d7a-8e0f-999999999999", telling.breaks(upload))

    assert telling.audience.heard == (1, 1)
    assert telling.printed.metrics == {"NothingToRecord": 1}


def test_what_the_bell_says_of_its_build_does_not_matter(telling: Tellings) -> None:
    upload = telling.upload()
    build_id = telling.breaks(upload)
    told = json.loads(telling.bell(build_id)["body"])
    told["detail"] |= {"build-status": "SUCCEEDED", "additional-information": {}}
    telling.ring([message(json.dumps(told))])

    assert telling.tags(upload)["build-status"] == "failed"


def test_all_kinds_of_bells_at_once(telling: Tellings) -> None:
    rang, lost = telling.upload(key="rang.zip"), telling.upload(key="lost.zip")
    telling.succeeds(lost)
    telling.ring([telling.bell(telling.succeeds(rang)), *telling.others[1:], *telling.schedule, message("garbage")])

    assert {told["key"] for told in telling.audience.events} == {"rang.zip", "lost.zip"}
    assert len(telling.telling.of("ListBuildsForProject")) == 1
