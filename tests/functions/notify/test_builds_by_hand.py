"""Builds that somebody started by hand: they are reported, and no upload is notified.

tests/unit/core/test_builds.py has how they are told from an upload's.
"""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.functions.support.bucket import Upload
from tests.functions.support.notifying import BROKEN, JUST_NOW, Notifying, line_of

BY_HAND: dict[str, Any] = {"IMAGE_TAG": "test"}


def started(notifying: Notifying, ago: timedelta = JUST_NOW, **changed: str | None) -> str:
    """A build that has failed, with the variables that StartBuild gives, changed or left out; its id."""
    upload = notifying.upload()
    given = {"SOURCE_KEY": json.dumps(upload.key), "SOURCE_VERSION_ID": upload.version_id, "IMAGE_TAG": upload.tag}
    variables = {name: value for name, value in (given | changed).items() if value is not None}
    found: str = notifying.add(variables, ago)["id"]
    return found


@pytest.mark.parametrize("changed", [BY_HAND, {"SOURCE_KEY": None}], ids=["another tag", "no key"])
def test_a_build_started_by_hand_is_reported_and_nobody_is_notified(
    notifying: Notifying, changed: dict[str, Any]
) -> None:
    build_id = started(notifying, **changed)
    notifying.build_ended(build_id)
    (entry,) = notifying.printed.entries("Nobody is notified of a build that was started by hand")

    assert entry["build_id"] == build_id
    assert notifying.subscriber.counts == (0, 0)
    assert notifying.notifier_wire.operations == ["BatchGetBuilds"]
    assert notifying.printed.metrics == {"NothingToRecord": 1, "BuildsByHand": 1}


def test_a_build_event_and_the_schedule_in_one_batch_report_a_build_started_by_hand_once(notifying: Notifying) -> None:
    notifying.trigger([notifying.build_event(started(notifying, **BY_HAND)), *notifying.schedule])

    assert notifying.printed.metrics == {"NothingToRecord": 1, "BuildsByHand": 1}


@pytest.mark.parametrize(("ago", "reported"), [(JUST_NOW, True), (timedelta(minutes=20), False)])
def test_a_resync_reports_a_build_started_by_hand_only_when_it_has_just_ended(
    notifying: Notifying, ago: timedelta, reported: bool
) -> None:
    started(notifying, ago, **BY_HAND)
    notifying.resync()

    assert ("BuildsByHand" in notifying.printed.metrics) is reported


def test_a_build_started_by_hand_hides_no_other_build(notifying: Notifying) -> None:
    upload = notifying.upload(key="other.zip")
    notifying.build_ended(started(notifying, **BY_HAND), notifying.breaks(upload), started(notifying, SOURCE_KEY=None))

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
