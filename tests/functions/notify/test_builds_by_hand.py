"""Builds that somebody started by hand: they are reported, and no upload is notified."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.functions.support.bucket import Upload
from tests.functions.support.notifying import BROKEN, Notifying, line_of

REPORTED = "Nobody is notified of a build that was started by hand"


def variables(notifying: Notifying, **changed: str | None) -> dict[str, str]:
    """What StartBuild gives to a build of an upload, changed or left out."""
    upload = notifying.upload()
    given = {"SOURCE_KEY": json.dumps(upload.key), "SOURCE_VERSION_ID": upload.version_id, "IMAGE_TAG": upload.tag}
    return {name: value for name, value in (given | changed).items() if value is not None}


def started(notifying: Notifying, ago: timedelta = timedelta(seconds=3), **changed: str | None) -> str:
    """A build with such variables that has failed; its id."""
    found: str = notifying.add(variables(notifying, **changed), ago)["id"]
    return found


OTHERS: dict[str, dict[str, Any]] = {
    "no key": {"SOURCE_KEY": None},
    "no version": {"SOURCE_VERSION_ID": None},
    "no tag": {"IMAGE_TAG": None},
    "nothing": {"SOURCE_KEY": None, "SOURCE_VERSION_ID": None, "IMAGE_TAG": None},
    "a key that is no JSON": {"SOURCE_KEY": "jwt-pizza-service.zip"},
    "another key": {"SOURCE_KEY": '"other.zip"'},
    "a key that is no text of Unicode": {"SOURCE_KEY": '"\\ud800"'},
    "another version": {"SOURCE_VERSION_ID": "bq3T0yXnKpZ1vLh8.cWm2RfJ7sDgEa4U"},
    "a tag of another version": {"IMAGE_TAG": "build-20261120T101530Z-6B001DC29329D189-225d2c00"},
    "a tag of another form": {"IMAGE_TAG": "test"},
    "an empty tag": {"IMAGE_TAG": ""},
}


@pytest.mark.parametrize("changed", OTHERS.values(), ids=OTHERS)
def test_a_build_started_by_hand_is_reported_and_nobody_is_notified(
    notifying: Notifying, changed: dict[str, Any]
) -> None:
    build_id = started(notifying, **changed)
    notifying.build_ended(build_id)
    (entry,) = notifying.printed.entries(REPORTED)

    assert entry["build_id"] == build_id
    assert notifying.subscriber.counts == (0, 0)
    assert notifying.notifier_wire.operations == ["BatchGetBuilds"]
    assert notifying.printed.metrics == {"NothingToRecord": 1, "BuildsByHand": 1}


def test_a_resync_reports_a_build_started_by_hand_that_has_just_ended(notifying: Notifying) -> None:
    started(notifying, IMAGE_TAG="test")
    notifying.resync()

    assert notifying.printed.metrics == {"NothingToRecord": 1, "BuildsByHand": 1}


def test_a_build_event_and_the_schedule_in_one_batch_report_a_build_started_by_hand_once(notifying: Notifying) -> None:
    notifying.trigger([notifying.build_event(started(notifying, IMAGE_TAG="test")), *notifying.schedule])

    assert notifying.printed.metrics == {"NothingToRecord": 1, "BuildsByHand": 1}


def test_a_resync_reports_no_build_started_by_hand_that_ended_20_minutes_ago(notifying: Notifying) -> None:
    started(notifying, timedelta(minutes=20), IMAGE_TAG="test")
    notifying.resync()
    notifying.resync()

    assert notifying.printed.metrics == {"NothingToRecord": 2}


def test_a_build_started_by_hand_hides_no_other_build(notifying: Notifying) -> None:
    upload = notifying.upload(key="other.zip")
    notifying.build_ended(
        started(notifying, IMAGE_TAG="test"), notifying.breaks(upload), started(notifying, SOURCE_KEY=None)
    )

    assert [detail["key"] for detail in notifying.subscriber.events] == ["other.zip"]
    assert notifying.printed.metrics == {"NothingToRecord": 1, "BuildsByHand": 2, "UploadFailed": 1}


def test_a_build_started_by_hand_with_all_that_names_an_upload_is_notified(notifying: Notifying) -> None:
    build_id = started(notifying)
    notifying.logs.write(build_id, line_of(BROKEN))
    notifying.build_ended(build_id)

    assert notifying.subscriber.counts == (1, 1)


def test_a_build_tag_of_another_time_is_the_version_s_own(notifying: Notifying) -> None:
    upload: Upload = notifying.upload().at("2026-11-19T00:00:00Z")
    notifying.build_ended(notifying.breaks(upload))

    assert notifying.subscriber.events[0]["imageTag"] == upload.tag
    assert notifying.tags(upload)["image-tag"] == upload.tag
