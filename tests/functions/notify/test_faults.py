"""Builds that failed for no fault of their upload: it waits and is built again, and a second fault needs somebody."""

from datetime import timedelta

from core import build_requests
from core.builds import Build
from tests.functions.support.notifying import Notifying
from tests.functions.support.project import PAGE, PROJECT

MINUTE, HOUR, FIVE_HOURS = timedelta(minutes=1), timedelta(hours=1), timedelta(hours=5)
FAULT = "push-failed: denied: not authorized to push"
LAST = "built-again: It is built again within 15 minutes. The last build ended with "


def test_an_upload_whose_build_failed_by_a_fault_waits_and_a_resync_starts_the_build_again(
    notifying: Notifying,
) -> None:
    upload = notifying.upload(key="größe 🍕.zip")
    build_id = notifying.breaks(upload, reason=FAULT)
    notifying.build_ended(build_id)

    assert notifying.tags(upload) == upload.status("waiting", LAST + FAULT)
    assert notifying.subscriber.counts == (0, 0)
    assert notifying.printed.metrics == {"NothingToRecord": 1}
    assert notifying.built_again == []
    notifying.resync()
    assert notifying.built_again == [build_id]
    assert notifying.printed.metrics == {"NothingToRecord": 2, "BuildFaulted": 1}
    assert (notifying.printed.attention, notifying.printed.repair) == (0, 0)
    notifying.resync()
    first, second = notifying.notifier_wire.of("StartBuild")
    build = Build.from_answer(notifying.project.builds[0], notifying.bucket.name)
    assert first == second == build_requests.again(PROJECT, build)


def test_an_uploads_second_fault_needs_somebody_however_long_its_builds_take(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.breaks(upload, 4 * HOUR, FAULT)
    notifying.breaks(upload, reason=FAULT)
    notifying.resync()

    assert notifying.printed.metrics == {"NothingToRecord": 1, "BuildFaulted": 1, "BuildFaultStays": 1}
    assert notifying.printed.repair == 1


def test_only_the_newest_build_of_an_upload_is_started_again(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.breaks(upload, MINUTE, reason=FAULT)
    newest = notifying.breaks(upload, reason=FAULT)
    notifying.resync()

    assert notifying.built_again == [newest]


def test_a_rejected_upload_whose_build_failed_by_a_fault_stays_rejected_and_is_built_again(
    notifying: Notifying,
) -> None:
    upload = notifying.upload()
    rejected = upload.status("rejected", "source-unreadable: gone")
    notifying.bucket.tag(upload, rejected)
    build_id = notifying.breaks(upload, reason=FAULT)
    notifying.resync()

    assert notifying.built_again == [build_id]
    assert notifying.tags(upload) == rejected


def test_an_upload_whose_second_build_succeeds_is_recorded(notifying: Notifying) -> None:
    upload = notifying.upload()
    notifying.build_ended(notifying.breaks(upload, MINUTE, reason=FAULT))
    notifying.build_ended(notifying.succeeds(upload))

    assert notifying.tags(upload)["build-status"] == "recorded"
    assert [detail["status"] for detail in notifying.subscriber.events] == ["recorded"]


def test_after_three_builds_a_refusal_that_the_builder_cannot_explain_is_the_verdict_and_needs_nobody(
    notifying: Notifying,
) -> None:
    unknown = "not-started: OCI runtime create failed: something new"
    upload = notifying.upload()
    for number in reversed(range(3)):
        notifying.breaks(upload, MINUTE * number, unknown)
        notifying.resync()

    assert len(notifying.built_again) == 2
    assert notifying.tags(upload) == upload.status("failed", unknown)
    assert notifying.subscriber.counts == (1, 1)
    assert (notifying.printed.attention, notifying.printed.repair) == (0, 0)
    assert "BuildFaulted" not in notifying.printed.metrics


# When it ends: tests/unit/core/notifying/test_retry_times.py has all times of the policy


def test_five_hours_after_its_first_build_began_a_fault_is_final_however_many_builds_came_since(
    notifying: Notifying,
) -> None:
    upload, other = notifying.upload(), notifying.upload(key="other.zip")
    notifying.breaks(upload, FIVE_HOURS + MINUTE, FAULT)
    for _ in range(PAGE):
        notifying.ends(other, "SUCCEEDED", HOUR)
    notifying.breaks(upload, reason=FAULT)
    notifying.resync()

    assert notifying.built_again == []
    assert notifying.tags(upload) == upload.status("failed", FAULT)
    assert [detail["key"] for detail in notifying.subscriber.events if detail["key"] == upload.key] == [upload.key]


def test_a_codebuild_that_refuses_to_build_again_is_asked_again_by_the_next_resync(notifying: Notifying) -> None:
    upload = notifying.upload()
    build_id = notifying.breaks(upload, reason=FAULT)
    notifying.notifier_wire.fails("StartBuild", "AccountLimitExceededException", 400)
    notifying.resync()
    assert notifying.printed.metrics == {"NothingToRecord": 1, "BuildFaulted": 1, "NotificationFailed": 1}
    notifying.resync()
    assert notifying.tags(upload) == upload.status("waiting", LAST + FAULT)
    notifying.notifier_wire.heals("StartBuild")
    notifying.resync()

    assert notifying.built_again == [build_id] * 3


def test_the_builds_of_the_last_day_are_asked_for_once_however_many_failed_by_a_fault(notifying: Notifying) -> None:
    for number in range(5):
        notifying.breaks(notifying.upload(key=f"{number}.zip"), reason=FAULT)
    notifying.resync()

    assert len(notifying.built_again) == 5
    assert len(notifying.notifier_wire.of("ListBuildsForProject")) == 2


def test_a_fault_of_an_earlier_build_says_nothing_while_another_build_runs(notifying: Notifying) -> None:
    upload = notifying.upload().at("2026-11-20T05:17:04Z")
    notifying.breaks(upload, HOUR, reason=FAULT)
    notifying.runs(upload)
    notifying.resync()

    assert notifying.built_again == []
    assert notifying.tags(upload) == {}
    assert notifying.printed.metrics == {"NothingToRecord": 1}
