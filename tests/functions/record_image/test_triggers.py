"""The messages that trigger RecordImage: a build event gives its build's id, and nothing else in them matters."""

import json
from typing import Any

import pytest

from tests.functions.support.notifying import BUILD, Notifying
from tests.functions.support.repository import uri
from tests.support.stack import event

GARBAGE = {
    "nothing": "",
    "no JSON": "garbage",
    "a list": "[]",
    "a text": '"aws.codebuild"',
    "an empty object": "{}",
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
def test_garbage_in_the_queue_is_a_trigger_too(notifying: Notifying, garbage: str) -> None:
    upload = notifying.upload()
    notifying.succeeds(upload)
    notifying.trigger([message(garbage)])

    assert notifying.value == uri(upload.tag)
    assert notifying.printed.metrics["ImageRecorded"] == 1


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_in_the_queue_hides_no_build_event_of_its_batch(notifying: Notifying, garbage: str) -> None:
    upload = notifying.upload()
    notifying.trigger([message(garbage), notifying.build_event(notifying.succeeds(upload)), message(garbage)])

    assert notifying.tags(upload) == upload.recorded(uri(upload.tag))
    assert notifying.subscriber.counts == (1, 1)


@pytest.mark.parametrize("name", ["build-succeeded", "build-failed", "build-stopped", "build-timed-out"])
def test_each_build_event_has_its_build_asked_for_by_id(notifying: Notifying, name: str) -> None:
    ended = event(name)
    notifying.trigger([message(json.dumps(ended))])

    assert notifying.notifier_wire.of("BatchGetBuilds") == [
        {"ids": [ended["detail"]["build-id"].rpartition("build/")[2]]}
    ]


def test_a_parameter_change_has_no_build_asked_for(notifying: Notifying) -> None:
    notifying.trigger([message(json.dumps(event("parameter-changed")))])

    assert notifying.notifier_wire.operations == []


def test_the_event_of_a_build_that_is_gone_notifies_nobody(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.build_ended("jwt-pizza-service:5a6b2f4e-93c1-4d7a-8e0f-999999999999", notifying.breaks(upload))

    assert notifying.subscriber.counts == (1, 1)
    assert notifying.printed.metrics == {"NothingToRecord": 1, "UploadFailed": 1}


def test_what_a_build_event_says_of_its_build_does_not_matter(notifying: Notifying) -> None:
    upload = notifying.upload()
    build_id = notifying.breaks(upload)
    body = json.loads(notifying.build_event(build_id)["body"])
    body["detail"] |= {"build-status": "SUCCEEDED", "additional-information": {}}
    notifying.trigger([message(json.dumps(body))])

    assert notifying.tags(upload)["build-status"] == "failed"


def test_all_kinds_of_triggers_in_one_batch_notify_and_resync_once(notifying: Notifying) -> None:
    ended, lost = notifying.upload(key="ended.zip"), notifying.upload(key="lost.zip")
    notifying.succeeds(lost)
    notifying.trigger(
        [
            notifying.build_event(notifying.succeeds(ended)),
            *notifying.others[1:],
            *notifying.schedule,
            message("garbage"),
        ]
    )

    assert {detail["key"] for detail in notifying.subscriber.events} == {"ended.zip", "lost.zip"}
    assert len(notifying.notifier_wire.of("GetObjectTagging")) == 2
