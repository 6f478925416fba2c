"""Which tags are images of this stack, how far the recording has come, and what there is to do."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import images
from core.images import Decision, Tags, Version, decide, high_water_mark, marks

REPOSITORY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service"
NOW = datetime(2026, 11, 20, 10, 15, 30, 999_999, tzinfo=UTC)
FIRST, SECOND, THIRD = (f"build-20261120T10150{number}Z-6B-0123abcd" for number in (1, 2, 3))
DIGESTS = {tag: f"sha256:{number:064x}" for number, tag in enumerate((FIRST, SECOND, THIRD))}


def uri(tag: str) -> str:
    return f"{REPOSITORY}@{DIGESTS[tag]}"


def recorded(tag: str, request_id: str = "an-id") -> Version:
    return Version(uri(tag), f"{tag} {request_id}")


def by_hand(tag: str, description: str = "") -> Version:
    return Version(uri(tag), description)


# Build tags


@pytest.mark.parametrize(
    "tag",
    [
        FIRST,
        "build-20261120T101530Z-0-00000000",
        f"build-20261120T101530Z-{'F' * 32}-ffffffff",
        "build-20261120T101530Z-6B001DC29329D189-225d2c00",
    ],
)
def test_tags_of_the_form_are_build_tags(tag: str) -> None:
    assert images.is_build_tag(tag)


@pytest.mark.parametrize(
    "tag",
    [
        "latest",
        "build-",
        "keep-build-20261120T101530Z-6B-0123abcd",
        "build-20261120T101530Z-6b-0123abcd",
        "build-20261120T101530Z-6B-0123ABCD",
        "build-20261120T101530Z-6B-0123abc",
        "build-20261120T101530Z-6B-0123abcde",
        "build-20261120T101530Z--0123abcd",
        f"build-20261120T101530Z-{'F' * 33}-0123abcd",
        "build-20261120T101530-6B-0123abcd",
        "build-2026112T101530Z-6B-0123abcd",
        "build-20261120T101530Z-6B-0123abcd\n",
        "build-2026112٢T101530Z-6B-0123abcd",
    ],
)
def test_tags_of_another_form_are_no_build_tags(tag: str) -> None:
    assert not images.is_build_tag(tag)


# Classified


def future(ahead: timedelta) -> str:
    return f"build-{NOW + ahead:%Y%m%dT%H%M%SZ}-0-0123abcd"


def test_build_tags_come_oldest_first() -> None:
    assert Tags.classified([THIRD, FIRST, SECOND], NOW) == Tags(builds=(FIRST, SECOND, THIRD), foreign=(), future=())


def test_tags_that_do_not_begin_as_build_tags_do_not_matter() -> None:
    assert Tags.classified(["latest", "candidate", "keep-1", "buildcache", "v1", f"x{FIRST}"], NOW) == Tags((), (), ())


def test_tags_that_only_begin_as_build_tags_are_foreign() -> None:
    foreign = ("build-", "build-20261120T101530Z-6b-0123abcd", "build-nightly")

    assert Tags.classified([FIRST, *foreign], NOW) == Tags(builds=(FIRST,), foreign=foreign, future=())


def test_a_build_tag_up_to_15_minutes_ahead_is_no_future_one() -> None:
    soon, later = future(timedelta(minutes=15)), future(timedelta(minutes=15, seconds=1))

    assert Tags.classified([soon, later], NOW) == Tags(builds=(soon,), foreign=(), future=(later,))


def test_a_future_tag_is_a_build_tag_once_its_time_has_come() -> None:
    later = future(timedelta(hours=1))

    assert Tags.classified([later], NOW + timedelta(minutes=44)).future == (later,)
    assert Tags.classified([later], NOW + timedelta(minutes=45)).builds == (later,)


@given(st.lists(st.sampled_from([FIRST, "latest", "build-x", future(timedelta(days=1))]) | st.text(), unique=True))
def test_every_tag_that_begins_as_a_build_tag_is_classified_once(tags: list[str]) -> None:
    found = Tags.classified(tags, NOW)

    assert sorted(found.builds + found.foreign + found.future) == sorted(
        tag for tag in tags if tag.startswith("build-")
    )


# The marks that RecordImage has left


def test_each_version_that_record_image_wrote_is_marked_with_its_tag() -> None:
    assert marks([recorded(FIRST, "a"), recorded(SECOND, "b")]) == [FIRST, SECOND]


@pytest.mark.parametrize(
    "description",
    ["", FIRST, f"{FIRST} ", f"{FIRST}  an-id", f" {FIRST} an-id", f"{FIRST} an-id again", "build-x an-id", "by hand"],
)
def test_a_description_of_another_form_is_no_mark(description: str) -> None:
    assert marks([by_hand(FIRST, description)]) == [None]


def test_a_description_that_was_kept_or_copied_is_no_mark() -> None:
    first, second = recorded(FIRST), recorded(SECOND)
    kept = by_hand(FIRST, second.description)
    copied = by_hand(FIRST, first.description)

    assert marks([first, second, kept, copied]) == [FIRST, SECOND, None, None]


def test_the_same_tag_of_another_invocation_is_a_mark() -> None:
    assert marks([recorded(FIRST, "a"), recorded(FIRST, "b")]) == [FIRST, FIRST]


# The high-water mark


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([], "", id="nothing was recorded"),
        pytest.param([by_hand(FIRST, "by hand")], "", id="nothing was recorded by RecordImage"),
        pytest.param([recorded(FIRST), recorded(SECOND)], SECOND, id="the newest was recorded last"),
        pytest.param([recorded(SECOND), by_hand(FIRST)], SECOND, id="a rollback"),
        pytest.param([recorded(SECOND), by_hand(FIRST, recorded(SECOND).description)], SECOND, id="a kept description"),
        pytest.param(
            [recorded(FIRST), recorded(SECOND), by_hand(FIRST, recorded(FIRST).description)],
            SECOND,
            id="a copied description",
        ),
        pytest.param([recorded(SECOND), recorded(FIRST)], FIRST, id="an old request landed late"),
        pytest.param([recorded(SECOND), recorded(FIRST), by_hand(FIRST)], SECOND, id="a rollback after that"),
        pytest.param([recorded(SECOND), recorded(FIRST), recorded(SECOND, "b")], SECOND, id="it was healed"),
        pytest.param([recorded(THIRD), recorded(FIRST), recorded(SECOND)], SECOND, id="two landed late"),
    ],
)
def test_the_high_water_mark_is_the_tag_that_record_image_recorded_last(history: list[Version], expected: str) -> None:
    assert high_water_mark(history) == expected


# The decision


def decided(history: list[Version], *tags: str, latest: str | None = None, builds: list[str] | None = None) -> Decision:
    """What is decided where the repository has these build tags."""
    tagged = {tag: DIGESTS[tag] for tag in tags} | ({"latest": DIGESTS[latest]} if latest else {})
    return decide(tagged, sorted(tags) if builds is None else builds, history, REPOSITORY)


def test_without_images_there_is_nothing_to_do() -> None:
    assert decided([]) == Decision(None, None, "there is no image yet")


def test_the_first_image_is_recorded() -> None:
    assert decided([], FIRST) == Decision(DIGESTS[FIRST], FIRST, f"{FIRST} is the first")


def test_the_newest_of_several_is_recorded() -> None:
    assert decided([], FIRST, THIRD, SECOND) == Decision(DIGESTS[THIRD], THIRD, f"{THIRD} is the first")


def test_a_newer_image_is_recorded() -> None:
    assert decided([recorded(FIRST)], FIRST, SECOND, latest=FIRST) == Decision(
        DIGESTS[SECOND], SECOND, f"{SECOND} is newer than {FIRST}"
    )


def test_latest_does_not_move_to_where_it_is() -> None:
    assert decided([recorded(FIRST)], FIRST, SECOND, latest=SECOND) == Decision(
        None, SECOND, f"{SECOND} is newer than {FIRST}"
    )


def test_an_older_image_is_not_recorded() -> None:
    assert decided([recorded(SECOND)], FIRST, SECOND, latest=SECOND) == Decision(
        None, None, f"nothing is newer than {SECOND}"
    )


def test_where_nothing_is_newer_latest_follows_the_parameter() -> None:
    assert decided([recorded(SECOND), by_hand(FIRST)], FIRST, SECOND, latest=SECOND) == Decision(
        DIGESTS[FIRST], None, f"nothing is newer than {SECOND}"
    )


def test_latest_follows_the_parameter_before_anything_is_recorded() -> None:
    assert decided([by_hand(FIRST)], latest=SECOND) == Decision(
        DIGESTS[FIRST], None, "nothing is newer than what the parameter names"
    )


def test_an_old_request_that_landed_late_is_healed() -> None:
    assert decided([recorded(SECOND), recorded(FIRST)], FIRST, SECOND, latest=SECOND) == Decision(
        None, SECOND, f"{SECOND} is newer than {FIRST}"
    )


def test_an_image_that_may_not_be_recorded_does_not_hold_up_an_older_one() -> None:
    decision = decided([recorded(FIRST)], FIRST, SECOND, THIRD, builds=[FIRST, SECOND])

    assert decision.record == SECOND


@pytest.mark.parametrize(
    "value",
    [
        "nginx:latest",
        f"{REPOSITORY}:v1",
        REPOSITORY,
        f"{REPOSITORY}@",
        f"{REPOSITORY}-other@{DIGESTS[FIRST]}",
        f"docker.io/library/nginx@{DIGESTS[FIRST]}",
    ],
)
def test_latest_stays_where_the_parameter_names_no_image_of_the_repository(value: str) -> None:
    assert decided([recorded(FIRST), Version(value, "by hand")], FIRST, latest=FIRST) == Decision(
        None, None, "the parameter names no image of this repository by its digest"
    )
