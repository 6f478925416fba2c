"""The messages that trigger RecordImage. tests/unit/core/recording/test_triggers.py has what they say."""

import json
from typing import Any

from tests.functions.support.notifying import BUILD, Notifying
from tests.functions.support.repository import uri


def message(body: str) -> dict[str, Any]:
    """A message of the queue."""
    return {**BUILD, "body": body}


def test_garbage_in_the_queue_is_a_trigger_too(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.succeeds(upload)
    notifying.trigger([message("garbage")])

    assert notifying.value == uri(upload.tag)
    assert notifying.printed.metrics["ImageRecorded"] == 1


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
