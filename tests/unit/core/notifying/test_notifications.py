"""The event and the mail about an upload's end: what they say, and that SNS and EventBridge take them."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.build_log import Ending
from core.notifying.notifications import Notification
from core.notifying.statuses import FINAL, Status
from tests.unit.support.object_created import upload

TAG = upload().image_tag
URI = "123456789012.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service@sha256:" + 64 * "a"
RECORDED = Status("recorded", TAG, image_uri=URI)
KEYS = st.text(min_size=1, max_size=1024)


def notification(key: str = "app.zip", status: Status = RECORDED, service: str = "jwt-pizza-service") -> Notification:
    """The notification of an upload with this key."""
    return Notification(service, upload(key=key).version, status, "jwt-pizza-service:1", 94)


# The event


KINDS = {
    "rejected": "Upload Rejected",
    "failed": "Build Failed",
    "superseded": "Upload Superseded",
    "recorded": "Image Recorded",
    "running": "Image Running",
    "not-healthy": "Image Not Healthy",
    "replaced": "Image Replaced",
    "rolled-back": "Image Rolled Back",
}


def test_each_final_status_has_its_detail_type_and_what_people_wait_for_an_email() -> None:
    ended = {name: notification(status=Status(name, TAG, "some-code: some")) for name in FINAL}

    assert {name: each.entry["DetailType"] for name, each in ended.items()} == KINDS
    assert {each.entry["Source"] for each in ended.values()} == {"source-to-ecr"}
    assert [name for name, each in ended.items() if each.is_mailed] == ["rejected", "failed", "recorded", "not-healthy"]


def test_that_an_image_runs_is_mailed_if_the_deployment_before_it_failed() -> None:
    running = Status("running", TAG, image_uri=URI)

    assert not notification(status=running).is_mailed
    assert notification(status=replace(running, is_recovery=True)).is_mailed


def test_the_detail_of_an_event_has_all_facts_and_null_where_there_is_none() -> None:
    detail: dict[str, Any] = json.loads(notification().entry["Detail"])

    assert detail == {
        "service": "jwt-pizza-service",
        "bucket": upload().version.bucket,
        "key": "app.zip",
        "versionId": upload().version.version_id,
        "status": "recorded",
        "reason": None,
        "ending": None,
        "output": [],
        "log": None,
        "imageTag": TAG,
        "imageUri": URI,
        "buildId": "jwt-pizza-service:1",
        "seconds": 94,
    }


@given(KEYS)
def test_any_key_is_in_the_event_as_it_is(key: str) -> None:
    entry = notification(key).entry

    assert json.loads(entry["Detail"])["key"] == key
    assert entry["Detail"].isascii()


# The mail


@pytest.mark.parametrize(
    ("key", "shown"), [("app.zip", "app.zip"), ("naïve\n\x1b🍕 ~.zip", "na?ve??? ~.zip")], ids=["plain", "unprintable"]
)
def test_the_subject_names_service_status_and_key_in_printable_ascii(key: str, shown: str) -> None:
    assert notification(key).subject == f"jwt-pizza-service: recorded {shown}"


def test_in_the_subject_a_key_that_just_fits_is_whole() -> None:
    room = 99 - len("jwt-pizza-service: recorded ")

    assert notification("k" * room).subject == "jwt-pizza-service: recorded " + "k" * room
    assert "..." in notification("k" * (room + 1)).subject


def test_in_the_subject_a_key_that_is_too_long_is_cut_in_its_middle() -> None:
    subject = notification("begin" + "-" * 1014 + "end").subject
    key = subject.removeprefix("jwt-pizza-service: recorded ")
    before, after = key.split("...")

    assert len(subject) == 99
    assert (before.startswith("begin-"), after.endswith("-end")) == (True, True)
    assert abs(len(before) - len(after)) <= 1


@given(KEYS, st.sampled_from(FINAL), st.integers(2, 40))
@example("k" * 1024, "superseded", 40)
@example("é" * 512, "recorded", 40)
def test_any_subject_is_one_that_sns_takes(key: str, name: str, length: int) -> None:
    subject = notification(key, Status(name, TAG), "a" * length).subject

    assert len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()
    assert subject.startswith(f"{'a' * length}: {name} ")


def test_the_body_of_a_mail_is_one_line_a_fact() -> None:
    assert notification().body == (
        "service: jwt-pizza-service\n"
        f"bucket: {upload().version.bucket}\n"
        'key: "app.zip"\n'
        f"versionId: {upload().version.version_id}\n"
        "status: recorded\n"
        f"imageTag: {TAG}\n"
        f"imageUri: {URI}\n"
        "buildId: jwt-pizza-service:1\n"
        "seconds: 94\n"
    )


FAILED = Status("failed", TAG, reason="build-failed: x", output=("cc main.c", "status: recorded", "é 🍕"))


def test_event_and_email_of_a_failed_step_end_with_what_the_step_printed_last() -> None:
    body = notification(status=FAILED).body

    assert notification(status=FAILED).detail["output"] == ["cc main.c", "status: recorded", "é 🍕"]
    assert body.endswith("seconds: 94\n\nThe last lines of the step:\n  cc main.c\n  status: recorded\n  é 🍕\n")
    assert [line for line in body.splitlines() if line.startswith("status: ")] == ["status: failed"]


NOT_HEALTHY = Status("not-healthy", TAG, "not-healthy: x", URI, ("no database", "bye"))


def test_event_and_email_of_a_deployment_that_failed_end_with_what_the_task_printed_last() -> None:
    body = notification(status=NOT_HEALTHY).body

    assert notification(status=NOT_HEALTHY).detail["output"] == ["no database", "bye"]
    assert f"reason: not-healthy: x\nimageTag: {TAG}\nimageUri: {URI}\n" in body
    assert body.endswith("\n\nThe last lines of the task:\n  no database\n  bye\n")


ENDED = Status(
    "recorded",
    TAG,
    image_uri=URI,
    ending=Ending("It exited with code 1 after 0.3 s, without network or configuration.", ("Error: no database",)),
)


def test_event_and_email_about_an_ended_program_have_the_ending_and_the_last_lines() -> None:
    detail, body = notification(status=ENDED).detail, notification(status=ENDED).body

    assert detail["ending"] == "It exited with code 1 after 0.3 s, without network or configuration."
    assert detail["output"] == ["Error: no database"]
    assert "\nending: It exited with code 1 after 0.3 s, without network or configuration.\n" in body
    assert body.endswith("\n\nThe last lines of the program:\n  Error: no database\n")


def test_the_largest_output_fits_an_event() -> None:
    largest = Status("failed", TAG, reason="x" * 500, output=("🍕" * 200,) * 20)

    assert len(notification("🍕" * 256, largest).entry["Detail"]) < 256 * 1024


def test_the_body_of_a_mail_says_zero_seconds() -> None:
    immediate = Notification("app", upload().version, RECORDED, None, 0)

    assert immediate.body.endswith("seconds: 0\n")
    assert "buildId" not in immediate.body


@given(KEYS)
def test_no_key_makes_a_line_of_a_mail(key: str) -> None:
    lines = notification(key).body.splitlines()

    assert len(lines) == 9
    assert json.loads(lines[2].removeprefix("key: ")) == key
