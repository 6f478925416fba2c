"""A bad archive: its tags say at once what to do, and no build is asked for."""

import re
import struct
from typing import Any

import pytest

from tests.functions.support.bucket import GOOD
from tests.functions.support.starting import Starting
from tests.support.zips import encrypted, zipped

MIB = 1 << 20


def without_directory() -> bytes:
    """A zip whose directory is not one."""
    return GOOD.replace(b"PK\1\2", b"PK\0\0")


def with_a_directory_of(mebibytes: int) -> bytes:
    """A zip whose directory is larger than that: few names, and long ones."""
    return zipped({f"{number:060000}": b"" for number in range(mebibytes * 18)})


def unpacking_to_12_gib() -> bytes:
    """A zip of three files that are 4 GiB each, by what its directory says."""
    archive = bytearray(zipped({"Dockerfile": "FROM scratch\n", "a": "", "b": ""}))
    for entry in re.finditer(b"PK\1\2", bytes(archive)):
        archive[entry.start() + 24 : entry.start() + 28] = struct.pack("<L", 0xFFFFFFFE)
    return bytes(archive)


REJECTED = {
    "not-a-zip": b"no zip" * 9,
    "encrypted": encrypted(),
    "no-dockerfile": zipped({"Containerfile": "FROM scratch\n"}),
    "too-many-entries": with_a_directory_of(4),
    "too-large": unpacking_to_12_gib(),
    "zip-damaged": without_directory(),
}


@pytest.mark.parametrize(("code", "content"), REJECTED.items(), ids=REJECTED)
def test_a_bad_archive_is_rejected_with_its_reason(starting: Starting, code: str, content: bytes) -> None:
    upload = starting.upload(content)

    assert starting.take(upload) == []
    tags = starting.tags(upload)
    assert tags["build-reason"].startswith(f"{code}: ")
    assert tags == upload.status("rejected", tags["build-reason"])
    assert "StartBuild" not in starting.wire.operations
    assert starting.printed.metrics == {"UploadRejected": 1}


def test_an_upload_as_large_as_the_template_admits_is_read(starting: Starting) -> None:
    starting.take(starting.upload(size=500 * MIB))

    assert "GetObject" in starting.wire.operations


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"size": 500 * MIB + 1}, "too-large: The zip is larger than 500 MiB."),
        ({"content": b""}, "not-a-zip: "),
        ({"key": "new\nline.zip"}, "key-unusable: "),
        ({"key": "\x1b[31mred.zip"}, "key-unusable: "),
        ({"key": "tab\t.zip"}, "key-unusable: "),
        ({"key": "é" * 500 + "🍕" * 100}, "key-unusable: "),
    ],
)
def test_what_its_event_shows_to_be_unusable_is_rejected_unread(
    starting: Starting, facts: dict[str, Any], reason: str
) -> None:
    upload = starting.upload(**facts)

    assert starting.take(upload) == []
    assert "GetObject" not in starting.wire.operations
    assert starting.tags(upload)["build-reason"].startswith(reason)
    assert starting.printed.metrics == {"UploadRejected": 1}


def test_a_rejected_upload_without_room_for_a_status_is_done_and_logged(starting: Starting) -> None:
    own = {f"own-{number}": "value" for number in range(8)}
    upload = starting.upload(b"no zip", tags=own)

    assert starting.take(upload) == []
    assert starting.tags(upload) == own
    assert starting.printed.metrics == {"UploadRejected": 1, "StatusHasNoPlace": 1}
    (entry,) = starting.printed.entries("The version takes no status")
    assert entry["status"] == "rejected"
    assert entry["reason"].startswith("not-a-zip: ")
    assert (entry["key"], entry["version_id"]) == (upload.key, upload.version_id)
