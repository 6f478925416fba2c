"""Bells come late, twice or never: what has been told is told again only as something higher."""

from datetime import timedelta

import pytest

from tests.handlers.support.notifying import BROKEN, Tellings
from tests.handlers.support.registry import uri

HOUR = timedelta(hours=1)


def test_a_second_bell_tells_nothing(telling: Tellings) -> None:
    build_id = telling.succeeds(telling.upload())
    telling.hear(build_id)
    telling.hear(build_id)

    assert telling.audience.heard == (1, 1)


def test_the_sweeps_after_its_bell_tell_nothing(telling: Tellings) -> None:
    telling.hear(telling.breaks(telling.upload()))
    telling.sweep()
    telling.sweep()

    assert telling.audience.heard == (1, 1)


def test_one_bell_twice_in_a_batch_tells_once(telling: Tellings) -> None:
    build_id = telling.succeeds(telling.upload())
    telling.hear(build_id, build_id)

    assert telling.audience.heard == (1, 1)
    assert telling.telling.of("BatchGetBuilds") == [{"ids": [build_id]}]


def test_a_bell_and_the_schedule_in_one_batch_tell_once(telling: Tellings) -> None:
    build_id = telling.succeeds(telling.upload())
    telling.ring([telling.bell(build_id), *telling.schedule])

    assert telling.audience.heard == (1, 1)
    assert len(telling.telling.of("GetObjectTagging")) == 1


@pytest.mark.parametrize("ends", ["succeeds", "breaks"])
def test_two_builds_of_one_upload_are_one_end(telling: Tellings, ends: str) -> None:
    upload = telling.upload()
    end = getattr(telling, ends)
    first = end(upload)
    second = telling.ends(upload, "FAILED")
    telling.hear(first, second)

    assert telling.audience.heard == (1, 1)


def test_so_they_are_without_a_status_that_could_be_written(telling: Tellings) -> None:
    upload = telling.upload(tags={f"own-{number}": "value" for number in range(8)})
    telling.hear(telling.breaks(upload), telling.breaks(upload))

    assert telling.audience.heard == (1, 1)


def test_several_bells_tell_of_an_upload_each(telling: Tellings) -> None:
    uploads = [telling.upload(key=f"{number}.zip") for number in range(10)]
    telling.hear(*(telling.breaks(upload) for upload in uploads))

    assert telling.audience.heard == (10, 10)
    assert len(telling.telling.of("BatchGetBuilds")) == 1
    assert {telling.tags(upload)["build-status"] for upload in uploads} == {"failed"}


def test_two_versions_of_one_key_are_two_uploads(telling: Tellings) -> None:
    older, newer = telling.upload(), telling.upload().at("2026-11-20T10:16:00Z")
    telling.hear(telling.succeeds(older), telling.succeeds(newer))

    assert telling.tags(older)["build-status"] == "superseded"
    assert telling.tags(newer) == newer.recorded(uri(newer.tag))


# Rank


def test_a_build_that_was_retried_and_succeeds_is_told_again(telling: Tellings) -> None:
    upload = telling.upload(tags={"own": "kept"})
    telling.hear(telling.breaks(upload))
    telling.hear(telling.succeeds(upload))

    assert [told["status"] for told in telling.audience.events] == ["failed", "recorded"]
    assert len(telling.audience.mails) == 2
    assert telling.tags(upload) == upload.recorded(uri(upload.tag)) | {"own": "kept"}


def test_what_was_recorded_never_fails(telling: Tellings) -> None:
    upload = telling.upload()
    telling.hear(telling.succeeds(upload))
    telling.registry.expire(upload.tag)
    telling.delete_parameter()
    telling.hear(telling.breaks(upload))
    telling.sweep()

    assert telling.audience.heard == (1, 1)
    assert telling.tags(upload) == upload.recorded(uri(upload.tag))


RISES = [("rejected", "failed"), ("failed", "superseded"), ("superseded", "recorded"), ("rejected", "recorded")]


@pytest.mark.parametrize(("before", "after"), RISES)
def test_a_higher_status_is_news(telling: Tellings, before: str, after: str) -> None:
    upload = telling.upload()
    telling.bucket.tag(upload, upload.status(before, "some-code: Some sentence."))
    telling.hear(telling.settles(upload, after))

    assert [told["status"] for told in telling.audience.events] == [after]
    assert telling.tags(upload)["build-status"] == after


SAME = [(status, status) for status in ("failed", "superseded", "recorded")]
FALLS = [("superseded", "failed"), ("recorded", "failed"), ("recorded", "superseded")]


@pytest.mark.parametrize(("before", "after"), SAME + FALLS)
def test_a_status_that_is_not_higher_is_none(telling: Tellings, before: str, after: str) -> None:
    upload = telling.upload()
    told = upload.status(before, "some-code: Some sentence.")
    telling.bucket.tag(upload, told)
    telling.hear(telling.settles(upload, after))

    assert telling.audience.heard == (0, 0)
    assert telling.tags(upload) == told


# What the tags say


def test_accepted_that_was_written_late_heals_at_the_next_sweep(telling: Tellings) -> None:
    upload = telling.upload()
    telling.hear(telling.breaks(upload, ago=HOUR))
    telling.bucket.tag(upload, upload.status("accepted", "A build is queued or runs."))
    telling.sweep()

    assert telling.tags(upload) == upload.status("failed", BROKEN)


@pytest.mark.parametrize("status", ["recorded", "superseded", "failed"])
def test_a_status_that_came_with_a_copy_is_not_its_own(telling: Tellings, status: str) -> None:
    original = telling.upload(key="original.zip")
    copied = original.status(status, "some-code: Some sentence.") | {"own": "kept"}
    copy = telling.upload(key="copy.zip", tags=copied)
    telling.hear(telling.breaks(copy))

    assert telling.audience.heard == (1, 1)
    assert telling.tags(copy) == copy.status("failed", BROKEN) | {"own": "kept"}
    assert telling.tags(original) == {}


def test_a_status_that_nobody_here_writes_is_not_final(telling: Tellings) -> None:
    upload = telling.upload()
    telling.bucket.tag(upload, upload.status("RECORDED", "by hand"))
    telling.hear(telling.breaks(upload))

    assert telling.tags(upload) == upload.status("failed", BROKEN)
