"""The event and the mail about an upload's end: what they say, and that SNS and EventBridge take them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.build_log import Ending
from core.notifying.notifications import Notification
from core.notifying.statuses import FINAL, Status
from tests.unit.support.object_created import upload

TAG = upload().image_tag
URI = "123456789012.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service@sha256:" + 64 * "a"
LONGEST_SERVICE = "a" * 40
RECORDED = Status("recorded", TAG, image_uri=URI)
KEYS = st.text(min_size=1, max_size=1024)


def notification(key: str = "app.zip", status: Status = RECORDED, service: str = "jwt-pizza-service") -> Notification:
    """The notification of an upload with this key."""
    return Notification(service, upload(key=key).version, status, "jwt-pizza-service:1", 94)


# The event


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("recorded", "Image Recorded"),
        ("failed", "Build Failed"),
        ("rejected", "Upload Rejected"),
        ("superseded", "Upload Superseded"),
    ],
)
def test_each_final_status_has_its_detail_type(name: str, kind: str) -> None:
    entry = notification(status=Status(name, TAG, "some-code: some")).entry

    assert (entry["Source"], entry["DetailType"]) == ("source-to-ecr", kind)


def test_every_final_status_has_a_detail_type_of_its_own() -> None:
    assert len({notification(status=Status(name, TAG)).entry["DetailType"] for name in FINAL}) == 4


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
    ("name", "mailed"), [("recorded", True), ("failed", True), ("rejected", True), ("superseded", False)]
)
def test_every_final_status_but_superseded_is_mailed(name: str, mailed: bool) -> None:
    assert notification(status=Status(name, TAG)).is_mailed is mailed


def test_the_subject_of_a_mail_names_service_status_and_key() -> None:
    assert notification().subject == "jwt-pizza-service: recorded app.zip"


def test_in_the_subject_what_is_no_printable_ascii_is_a_question_mark() -> None:
    assert notification("naïve\n\x1b🍕 ~.zip").subject == "jwt-pizza-service: recorded na?ve??? ~.zip"


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


@pytest.mark.parametrize("name", [name for name in FINAL if name != "superseded"])
@pytest.mark.parametrize("key", ["k" * 1024, "é" * 512, "🍕" * 256, "\n" * 1024])
def test_the_longest_key_fits_the_subject_beside_the_longest_service(name: str, key: str) -> None:
    subject = notification(key, Status(name, TAG), LONGEST_SERVICE).subject

    assert len(subject) == 99
    assert subject.startswith(f"{LONGEST_SERVICE}: {name} ")
    assert subject.isascii()
    assert subject.isprintable()


@given(KEYS, st.sampled_from(FINAL), st.integers(2, 40))
def test_any_subject_is_one_that_sns_takes(key: str, name: str, length: int) -> None:
    subject = notification(key, Status(name, TAG), "a" * length).subject

    assert len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()


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


def test_the_event_of_a_failed_step_has_what_the_step_printed_last() -> None:
    detail = json.loads(notification(status=FAILED).entry["Detail"])

    assert detail["output"] == ["cc main.c", "status: recorded", "é 🍕"]


def test_the_mail_of_a_failed_step_ends_with_what_the_step_printed_last() -> None:
    body = notification(status=FAILED).body

    assert body.endswith("seconds: 94\n\nThe last lines of the step:\n  cc main.c\n  status: recorded\n  é 🍕\n")
    assert [line for line in body.splitlines() if line.startswith("status: ")] == ["status: failed"]


ENDED = Status(
    "recorded",
    TAG,
    image_uri=URI,
    ending=Ending("It exited with code 1 after 0.3 s, without network or configuration.", ("Error: no database",)),
)


def test_the_event_of_an_ended_program_has_the_ending_and_the_last_lines() -> None:
    detail = json.loads(notification(status=ENDED).entry["Detail"])

    assert detail["ending"] == "It exited with code 1 after 0.3 s, without network or configuration."
    assert detail["output"] == ["Error: no database"]


def test_the_email_about_an_ended_program_has_the_ending_and_the_last_lines() -> None:
    body = notification(status=ENDED).body

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
