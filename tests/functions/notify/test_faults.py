"""Builds that failed for no fault of their upload: it waits and is built again, and a second fault needs somebody."""

import hashlib
import json
from datetime import timedelta

import pytest

from tests.functions.support.bucket import Upload
from tests.functions.support.frozen_clock import NOW
from tests.functions.support.notifying import Notifying
from tests.functions.support.project import PROJECT, phases

MINUTE, HOUR, FIVE_HOURS = timedelta(minutes=1), timedelta(hours=1), timedelta(hours=5)
FAULTS = ["build-system-fault: S3 answers SlowDown", "push-failed: denied: not authorized to push"]
LAST = "built-again: It is built again within 15 minutes. The last build ended with "


def young(notifying: Notifying, key: str = "app.zip") -> Upload:
    """An upload of a minute ago."""
    return notifying.upload(key=key)


@pytest.mark.parametrize("reason", FAULTS)
def test_an_upload_whose_build_failed_by_a_fault_waits(notifying: Notifying, reason: str) -> None:
    upload = young(notifying)
    notifying.build_ended(notifying.breaks(upload, reason=reason))

    assert notifying.tags(upload) == upload.status("waiting", LAST + reason)
    assert notifying.subscriber.counts == (0, 0)
    assert notifying.printed.metrics == {"NothingToRecord": 1}


def test_a_build_event_starts_no_build_again(notifying: Notifying) -> None:
    notifying.build_ended(notifying.breaks(young(notifying), reason=FAULTS[0]))

    assert notifying.built_again == []


def test_a_resync_starts_the_build_again(notifying: Notifying) -> None:
    build_id = notifying.breaks(young(notifying), reason=FAULTS[0])
    notifying.resync()

    assert notifying.built_again == [build_id]


def test_a_fault_is_counted_once_though_its_event_and_a_resync_see_it(notifying: Notifying) -> None:
    build_id = notifying.breaks(young(notifying), reason=FAULTS[0])
    notifying.build_ended(build_id)
    notifying.resync()

    assert notifying.printed.metrics == {"NothingToRecord": 2, "BuildFaulted": 1}


def test_an_uploads_first_fault_puts_no_alarm_on(notifying: Notifying) -> None:
    for number in range(3):
        notifying.breaks(young(notifying, key=f"{number}.zip"), reason=FAULTS[0])
    notifying.resync()

    assert notifying.printed.metrics == {"NothingToRecord": 1, "BuildFaulted": 3}
    assert (notifying.printed.attention, notifying.printed.repair) == (0, 0)


def test_an_uploads_second_fault_does_however_long_its_builds_take(notifying: Notifying) -> None:
    upload = young(notifying)
    notifying.breaks(upload, 4 * HOUR, FAULTS[0])
    notifying.breaks(upload, reason=FAULTS[0])
    notifying.resync()

    assert notifying.printed.metrics == {"NothingToRecord": 1, "BuildFaulted": 1, "BuildFaultStays": 1}
    assert notifying.printed.repair == 1


def test_only_the_newest_build_of_an_upload_is_started_again(notifying: Notifying) -> None:
    upload = young(notifying)
    notifying.breaks(upload, MINUTE, reason=FAULTS[0])
    newest = notifying.breaks(upload, reason=FAULTS[0])
    notifying.resync()

    assert notifying.built_again == [newest]


def test_a_rejected_upload_whose_build_failed_by_a_fault_stays_rejected_and_is_built_again(
    notifying: Notifying,
) -> None:
    upload = young(notifying)
    rejected = upload.status("rejected", "source-unreadable: gone")
    notifying.bucket.tag(upload, rejected)
    build_id = notifying.breaks(upload, reason=FAULTS[0])
    notifying.resync()

    assert notifying.built_again == [build_id]
    assert notifying.tags(upload) == rejected


def test_an_upload_that_is_being_built_again_is_left_to_that_build(notifying: Notifying) -> None:
    upload = young(notifying)
    notifying.breaks(upload, reason=FAULTS[0])
    notifying.runs(upload)
    notifying.resync()

    assert notifying.built_again == []


def test_an_upload_whose_second_build_succeeds_is_recorded(notifying: Notifying) -> None:
    upload = young(notifying)
    notifying.build_ended(notifying.breaks(upload, MINUTE, reason=FAULTS[0]))
    notifying.build_ended(notifying.succeeds(upload))

    assert notifying.tags(upload)["build-status"] == "recorded"
    assert [detail["status"] for detail in notifying.subscriber.events] == ["recorded"]


def test_a_repeated_resync_within_five_minutes_sends_the_same_token(notifying: Notifying) -> None:
    notifying.breaks(young(notifying), reason=FAULTS[0])
    notifying.resync()
    notifying.resync()
    first, second = notifying.notifier_wire.of("StartBuild")

    assert first == second


def test_a_build_is_started_again_with_its_own_three_variables(notifying: Notifying) -> None:
    upload = young(notifying, key="größe 🍕.zip")
    build_id = notifying.breaks(upload, reason=FAULTS[0])
    notifying.resync()

    assert notifying.notifier_wire.of("StartBuild") == [
        {
            "projectName": PROJECT,
            "environmentVariablesOverride": [
                {"name": "SOURCE_KEY", "value": json.dumps(upload.key), "type": "PLAINTEXT"},
                {"name": "SOURCE_VERSION_ID", "value": upload.version_id, "type": "PLAINTEXT"},
                {"name": "IMAGE_TAG", "value": upload.tag, "type": "PLAINTEXT"},
            ],
            "idempotencyToken": hashlib.sha256(build_id.encode()).hexdigest()[:32],
        }
    ]


# Refusals that the builder can't explain

UNKNOWN = "not-started: OCI runtime create failed: something new"


def test_after_three_builds_it_is_the_upload_s_verdict(notifying: Notifying) -> None:
    upload = young(notifying)
    for number in reversed(range(3)):
        notifying.breaks(upload, MINUTE * number, UNKNOWN)
    notifying.resync()

    assert notifying.built_again == []
    assert notifying.tags(upload) == upload.status("failed", UNKNOWN)
    assert notifying.subscriber.counts == (1, 1)


def test_it_needs_nobody(notifying: Notifying) -> None:
    upload = young(notifying)
    for number in reversed(range(3)):
        notifying.breaks(upload, MINUTE * number, UNKNOWN)
        notifying.resync()

    assert (notifying.printed.attention, notifying.printed.repair) == (0, 0)
    assert "BuildFaulted" not in notifying.printed.metrics


# When it ends: tests/unit/core/notifying/test_retry_policy.py has all times of the policy


@pytest.mark.parametrize("others", [0, 250])
def test_five_hours_after_its_first_build_began_a_fault_is_final(notifying: Notifying, others: int) -> None:
    upload, other = young(notifying), notifying.upload(key="other.zip")
    notifying.breaks(upload, FIVE_HOURS + MINUTE, FAULTS[0])
    for _ in range(others):
        notifying.ends(other, "SUCCEEDED", HOUR)
    notifying.breaks(upload, reason=FAULTS[0])
    notifying.resync()

    assert notifying.built_again == []
    assert notifying.tags(upload) == upload.status("failed", FAULTS[0])
    assert [detail["key"] for detail in notifying.subscriber.events if detail["key"] == upload.key] == [upload.key]


def test_a_build_that_a_fault_ended_in_the_queue_is_started_again(notifying: Notifying) -> None:
    ends = phases(("SUBMITTED", "SUCCEEDED"), ("QUEUED", "FAULT"))
    build_id = notifying.ends(young(notifying), "FAULT", phases=ends, startTime=NOW - 7 * HOUR)
    notifying.resync()

    assert notifying.built_again == [build_id]


def test_an_upload_that_failed_by_a_fault_below_a_newer_recorded_one_is_superseded(notifying: Notifying) -> None:
    older = young(notifying)
    newer = notifying.upload(key="newer.zip").at("2026-11-20T10:16:00Z")
    notifying.build_ended(notifying.succeeds(newer))
    notifying.breaks(older, reason=FAULTS[0])
    notifying.resync()

    assert notifying.built_again == []
    assert notifying.tags(older)["build-status"] == "superseded"
    assert notifying.subscriber.events[-1]["reason"].endswith(f"The last build ended with {FAULTS[0]}")
    assert [mail["Subject"].split()[1] for mail in notifying.subscriber.mails] == ["recorded"]


def test_a_version_that_is_gone_is_not_built_again(notifying: Notifying) -> None:
    upload = young(notifying)
    notifying.bucket.remove(upload)
    notifying.breaks(upload, reason=FAULTS[0])
    notifying.resync()

    assert notifying.built_again == []
    assert notifying.subscriber.counts == (1, 1)


def test_a_codebuild_that_refuses_to_build_again_is_asked_again_by_the_next_resync(notifying: Notifying) -> None:
    build_id = notifying.breaks(young(notifying), reason=FAULTS[0])
    notifying.notifier_wire.fails("StartBuild", "AccountLimitExceededException", 400)
    notifying.resync()
    assert notifying.printed.metrics == {"NothingToRecord": 1, "BuildFaulted": 1, "NotificationFailed": 1}
    notifying.notifier_wire.heals("StartBuild")
    notifying.resync()

    assert notifying.built_again == [build_id, build_id]


def test_an_upload_keeps_saying_why_it_waits_however_often_it_is_looked_at(notifying: Notifying) -> None:
    upload = young(notifying)
    notifying.breaks(upload, timedelta(minutes=30), FAULTS[0])
    notifying.notifier_wire.fails("StartBuild", "AccountLimitExceededException", 400)
    for _ in range(3):
        notifying.resync()

        assert notifying.tags(upload) == upload.status("waiting", LAST + FAULTS[0])


def test_the_builds_of_the_last_day_are_asked_for_once_however_many_failed_by_a_fault(notifying: Notifying) -> None:
    for number in range(5):
        notifying.breaks(notifying.upload(key=f"{number}.zip"), reason=FAULTS[0])
    notifying.resync()

    assert len(notifying.built_again) == 5
    assert len(notifying.notifier_wire.of("ListBuildsForProject")) == 2


def test_a_fault_of_an_earlier_build_says_nothing_while_another_build_runs(notifying: Notifying) -> None:
    upload = young(notifying).at("2026-11-20T05:17:04Z")
    notifying.breaks(upload, HOUR, reason=FAULTS[0])
    notifying.runs(upload)
    notifying.resync()

    assert notifying.tags(upload) == {}
    assert notifying.printed.metrics == {"NothingToRecord": 1}
