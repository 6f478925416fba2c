"""An event becomes an upload only if it is of this stack's bucket, and then its key is taken as it is."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.uploads import LONGEST_WRITTEN_KEY, NotAnUploadError, ObjectVersion, Upload
from tests.support.stack import event
from tests.unit.support.object_created import BUCKET, object_created, upload

# The event


def test_an_event_becomes_an_upload() -> None:
    assert Upload.from_event(event("object-created"), BUCKET) == Upload(
        ObjectVersion(
            "source-to-ecr-sourcebucket-k3v8qz1mw0fy", "jwt-pizza-service.zip", "bq3T0yXnKpZ1vLh8.cWm2RfJ7sDgEa4U"
        ),
        time=datetime(2026, 11, 20, 10, 15, 30, tzinfo=UTC),
        sequencer="6b001dc29329d189",
        size=48213,
    )


def test_the_body_of_a_queued_message_becomes_an_upload() -> None:
    (record,) = event("upload-queue")["Records"]

    assert Upload.from_event(json.loads(record["body"]), BUCKET) == upload()


def test_the_time_of_an_upload_is_in_utc_whatever_the_event_s_zone() -> None:
    assert upload(time="2026-11-20T12:15:30+02:00") == upload()


def with_part(path: str, *value: object) -> dict[str, Any]:
    """The event with another value at this path, or without one."""
    changed = event("object-created")
    *outer, last = path.split()
    part: dict[str, Any] = changed
    for name in outer:
        part = part[name]
    if value:
        (part[last],) = value
    else:
        del part[last]
    return changed


NEEDED = [
    *("source", "detail-type", "time", "detail", "detail bucket", "detail bucket name", "detail object"),
    *(f"detail object {name}" for name in ("key", "size", "version-id", "sequencer")),
]
VALUES: dict[str, list[object]] = {
    "detail object size": [None, "many", [1], float("nan"), float("inf")],
    "time": ["", "yesterday", 1795169730, ["2026-11-20"], "0001-01-01T00:00:00+14:00"],
    "detail object sequencer": ["", "0x6B", "6B 00", "6B\n", "6G", "-6B", "6" * 33, "٦", None, 6, ["6B"]],
    **{path: [None, 5, ["a.zip"], {}] for path in ("detail object key", "detail object version-id")},
    **{path: [None, "text", 5, []] for path in ("detail", "detail object", "detail bucket")},
    "detail-type": ["Object Deleted"],
    "source": ["aws.s3.other"],
}
REFUSED: dict[str, Any] = {
    **{f"without {path}": with_part(path) for path in NEEDED},
    **{f"{path}: {value!r}": with_part(path, value) for path, values in VALUES.items() for value in values},
    **{f"a message: {message!r}": message for message in ("Object Created", 5, None)},
    "a message: []": [],
    **{name: event(name) for name in ("build-succeeded", "parameter-changed", "schedule", "upload-queue")},
}


@pytest.mark.parametrize("message", REFUSED.values(), ids=REFUSED)
def test_what_is_no_event_of_an_upload_is_refused(message: Any) -> None:
    with pytest.raises(NotAnUploadError):
        Upload.from_event(message, BUCKET)


def test_an_upload_to_another_bucket_is_no_upload_of_ours() -> None:
    with pytest.raises(NotAnUploadError, match="no upload to another-bucket"):
        Upload.from_event(object_created(), "another-bucket")


# The key


@pytest.mark.parametrize(
    "key",
    ["a+b.zip", "a%2Bb.zip", "a b.zip", " .zip", "a%20b.zip", "größe/🍕.zip", 'it\'s "this".zip', "-x.zip", "\\.zip"],
)
def test_a_key_is_taken_as_it_is(key: str) -> None:
    assert upload(key=key).version.key == key


@pytest.mark.parametrize(("key", "folder"), [("app/", True), ("/", True), ("app", False), ("app/a.zip", False)])
def test_a_key_that_ends_in_a_slash_is_a_folder(key: str, folder: bool) -> None:
    assert upload(key=key).is_folder is folder


@given(st.text())
def test_a_key_is_written_in_ascii_and_read_back_as_it_is(key: str) -> None:
    written = upload(key=key).version.written_key

    assert written.isascii()
    assert json.loads(written) == key


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1))
def test_every_key_that_s3_takes_is_usable_unless_it_has_control_characters(key: str) -> None:
    longest = key.encode()[:1024].decode(errors="ignore")  # S3's limit, in bytes of UTF-8

    assert upload(key=longest).key_is_usable


@given(st.text(), st.characters(categories=["Cc"]), st.text())
def test_a_key_with_a_control_character_is_unusable(start: str, control: str, end: str) -> None:
    assert not upload(key=start + control + end).key_is_usable


@pytest.mark.parametrize(
    ("character", "written"), [("a", "a"), ('"', '\\"'), ("é", "\\u00e9"), ("🍕", "\\ud83c\\udf55")]
)
def test_a_key_is_as_long_as_it_is_written_in_json(character: str, written: str) -> None:
    room = LONGEST_WRITTEN_KEY - len('""')
    most = room // len(written)

    assert upload(key=character * most).key_is_usable
    assert not upload(key=character * (most + 1)).key_is_usable


def test_the_longest_usable_key_is_codebuild_s() -> None:
    assert upload(key="a" * 3998).key_is_usable
    assert not upload(key="a" * 3999).key_is_usable
