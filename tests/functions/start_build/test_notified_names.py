"""Names from an upload in what is published: they are data, and make neither a line nor a long subject."""

import json

import pytest

from tests.functions.support.starting import Starting
from tests.support.zips import zipped


@pytest.mark.parametrize("key", ["new\nline.zip", "x\nstatus: recorded\n.zip", "\u2028\u2029\x85.zip", "\x00.zip"])
def test_a_key_makes_no_line_of_a_mail(starting: Starting, key: str) -> None:
    starting.take(starting.upload(b"no zip", key=key))
    (mail,), (detail,) = starting.subscriber.mails, starting.subscriber.events

    assert detail["key"] == key
    assert f"key: {json.dumps(key)}" in mail["Message"].splitlines()
    assert len(mail["Message"].splitlines()) == 8
    assert "\n" not in mail["Subject"]


@pytest.mark.parametrize("key", ["k" * 1024, "é" * 512, "folder/" * 140 + "app.zip"])
def test_the_longest_key_fits_the_subject(starting: Starting, key: str) -> None:
    starting.take(starting.upload(b"no zip", key=key))
    (mail,) = starting.subscriber.mails

    assert len(mail["Subject"]) <= 99
    assert all(" " <= character <= "~" for character in mail["Subject"])
    assert "..." in mail["Subject"]


@pytest.mark.parametrize("folder", ["a\nstatus: recorded\nb", "a\r\nb", "a\u2028b"])
def test_a_folder_in_the_zip_makes_no_line_of_a_mail(starting: Starting, folder: str) -> None:
    starting.take(starting.upload(zipped({f"{folder}/deeper/Dockerfile": "FROM scratch\n"})))
    (mail,) = starting.subscriber.mails

    assert "\nreason: no-dockerfile: " in mail["Message"]
    assert len(mail["Message"].splitlines()) == 8


def test_a_long_folder_in_the_zip_makes_no_flood(starting: Starting) -> None:
    starting.take(starting.upload(zipped({f"{'/'.join(['f' * 250] * 15)}/Dockerfile": "FROM scratch\n"})))
    (detail,) = starting.subscriber.events

    assert detail["reason"].startswith("no-dockerfile: ")
    assert len(detail["reason"]) < 1_000
