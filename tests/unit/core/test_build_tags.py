"""Which tags are those of verified images, and how a repository's tags are classified."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.build_tags import BuildTags, is_build_tag, time_of

NOW = datetime(2026, 11, 20, 10, 15, 30, 999_999, tzinfo=UTC)
FIRST, SECOND, THIRD = (f"build-20261120T10150{number}Z-6B-0123abcd" for number in (1, 2, 3))


# Build tags

TAGS = [FIRST, "build-20261120T101530Z-0-00000000", f"build-20261120T101530Z-{'F' * 32}-ffffffff"]
OTHERS = [
    *("latest", "build-", "keep-build-20261120T101530Z-6B-0123abcd"),
    *("build-20261120T101530Z-6b-0123abcd", "build-20261120T101530Z-6B-0123ABCD"),
    *("build-20261120T101530Z-6B-0123abc", "build-20261120T101530Z-6B-0123abcde"),
    *("build-20261120T101530Z--0123abcd", f"build-20261120T101530Z-{'F' * 33}-0123abcd"),
    *("build-20261120T101530-6B-0123abcd", "build-2026112T101530Z-6B-0123abcd"),
    *("build-20261120T101530Z-6B-0123abcd\n", "build-2026112٢T101530Z-6B-0123abcd"),
    # Times that no calendar has
    *("build-20261399T101530Z-6B-0123abcd", "build-20260230T101530Z-6B-0123abcd"),
    *("build-20261120T240000Z-6B-0123abcd", "build-20261120T101560Z-6B-0123abcd"),
    "build-00000101T000000Z-6B-0123abcd",
]


@pytest.mark.parametrize(("tag", "is_one"), [*((tag, True) for tag in TAGS), *((tag, False) for tag in OTHERS)])
def test_a_build_tag_is_one_of_the_form_with_a_time_of_the_calendar(tag: str, is_one: bool) -> None:
    assert is_build_tag(tag) is is_one


@given(st.from_regex(r"build-[0-9]{8}T[0-9]{6}Z-[0-9A-F]{1,32}-[0-9a-f]{8}", fullmatch=True))
def test_every_build_tag_has_a_time(tag: str) -> None:
    assert not is_build_tag(tag) or f"{time_of(tag):%m%dT%H%M%SZ}" == tag[10:22]


# Classified


def future(ahead: timedelta) -> str:
    return f"build-{NOW + ahead:%Y%m%dT%H%M%SZ}-0-0123abcd"


FOREIGN = ("build-", "build-20261120T101530Z-6b-0123abcd", "build-nightly")
SOON, LATER = future(timedelta(minutes=15)), future(timedelta(minutes=15, seconds=1))


@pytest.mark.parametrize(
    ("tags", "ours", "foreign", "ahead"),
    [
        pytest.param([THIRD, FIRST, SECOND], (FIRST, SECOND, THIRD), (), (), id="the oldest first"),
        pytest.param(["latest", "candidate", "keep-1", "buildcache", "v1", f"x{FIRST}"], (), (), (), id="others"),
        pytest.param([FIRST, *FOREIGN], (FIRST,), FOREIGN, (), id="those that only begin as build tags"),
        pytest.param([SOON, LATER], (SOON,), (), (LATER,), id="more than 15 minutes ahead"),
    ],
)
def test_tags_that_begin_as_build_tags_are_ours_foreign_or_of_a_time_to_come(
    tags: list[str], ours: tuple[str, ...], foreign: tuple[str, ...], ahead: tuple[str, ...]
) -> None:
    assert BuildTags.classified(tags, NOW) == BuildTags(ours, foreign, ahead)


def test_a_future_tag_is_a_build_tag_once_its_time_has_come() -> None:
    later = future(timedelta(hours=1))

    assert BuildTags.classified([later], NOW + timedelta(minutes=44)).future == (later,)
    assert BuildTags.classified([later], NOW + timedelta(minutes=45)).ours == (later,)


@given(st.lists(st.sampled_from([FIRST, "latest", "build-x", future(timedelta(days=1))]) | st.text(), unique=True))
def test_every_tag_that_begins_as_a_build_tag_is_classified_once(tags: list[str]) -> None:
    found = BuildTags.classified(tags, NOW)

    assert sorted(found.ours + found.foreign + found.future) == sorted(tag for tag in tags if tag.startswith("build-"))
