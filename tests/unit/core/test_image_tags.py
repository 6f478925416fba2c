"""The image tag says when an upload was made and which it is: tags sort as uploads follow each other."""

import hashlib
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.build_tags import is_build_tag
from core.uploads import Upload
from tests.unit.support.object_created import BUCKET, object_created, upload

FORM = re.compile(r"build-[0-9]{8}T[0-9]{6}Z-[0-9A-F]{1,32}-[0-9a-f]{8}")
START = datetime(2026, 11, 20, 10, 15, 30, tzinfo=UTC)

# Close to each other, so that many are equal or differ in one part alone.
moments = st.integers(0, 3000).map(lambda milliseconds: START + timedelta(milliseconds=milliseconds))
zones = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
sequencers = st.text("01aAfF", min_size=1, max_size=4) | st.text("0123456789abcdefABCDEF", min_size=1, max_size=32)
keys = st.sampled_from(["a.zip", "b.zip", "größe.zip"])


@st.composite
def uploads(draw: st.DrawFn) -> Upload:
    moment = draw(moments).astimezone(draw(zones))
    return upload(time=moment.isoformat(), sequencer=draw(sequencers), key=draw(keys))


def place(each: Upload) -> tuple[datetime, str]:
    """The place in the order of uploads: the time to the second, then the sequencer as S3 has them compared.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html: the shorter one is
    padded with zeros on its right. Its digits come in either case.
    """
    return each.time.replace(microsecond=0), each.sequencer.upper().ljust(32, "0")


# The tag


def test_the_parts_of_an_image_tag_are_the_time_the_sequencer_and_the_id() -> None:
    known = upload()

    assert known.image_tag == f"build-20261120T101530Z-6B001DC29329D189-{known.version.id}"


def test_the_id_is_a_hash_of_bucket_key_and_version() -> None:
    parts = [BUCKET, "größe 🍕.zip", "some-version"]
    known = upload(key=parts[1], version_id=parts[2])

    assert known.version.id == hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


@given(uploads())
def test_an_image_tag_has_the_form_that_is_recorded(some: Upload) -> None:
    assert FORM.fullmatch(some.image_tag)
    assert is_build_tag(some.image_tag)


@given(st.lists(uploads(), min_size=2))
def test_the_order_of_the_image_tags_is_that_of_the_uploads(several: list[Upload]) -> None:
    places = [place(each) for each in sorted(several, key=lambda each: each.image_tag)]

    assert places == sorted(places)


@given(uploads())
def test_a_repeated_event_names_the_same_tag(some: Upload) -> None:
    repeated = object_created(some.time.isoformat(), key=some.version.key, sequencer=some.sequencer)

    assert Upload.from_event(repeated | {"id": "another"}, BUCKET).image_tag == some.image_tag


@pytest.mark.parametrize("part", ["key", "version_id"])
def test_another_key_or_version_has_another_tag(part: str) -> None:
    other = upload(**{part: "another"})

    assert other.image_tag != upload().image_tag
    assert other.image_tag[:-8] == upload().image_tag[:-8]


# Which tags are a version's own


OWN, EARLIER = upload().image_tag, upload(time="2026-11-19T08:00:00Z", sequencer="6A").image_tag


@pytest.mark.parametrize(
    ("tag", "is_own"),
    [
        (OWN, True),
        (EARLIER, True),  # of an earlier event
        *((upload(**{part: "another"}).image_tag, False) for part in ("key", "version_id")),
        *((tag, False) for tag in ("", f"-{upload().version.id}", OWN.lower(), f"{OWN}\n", f" {OWN}", f"x{OWN}")),
        (OWN.replace("build-", "keep-"), False),
    ],
)
def test_a_version_owns_the_tags_of_its_own_events_alone(tag: str, is_own: bool) -> None:
    assert upload().version.owns(tag) is is_own


def test_two_events_of_a_version_have_two_tags() -> None:
    assert EARLIER != OWN
