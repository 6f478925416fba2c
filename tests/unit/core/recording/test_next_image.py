"""How far the recording has come, which image is recorded next, and which ones may expire."""

import pytest

from core.recording.next_image import (
    Decision,
    Ledger,
    Protection,
    Version,
    decide,
    high_water_mark,
    protection,
    written_tags,
)

REPOSITORY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service"
FIRST, SECOND, THIRD = (f"build-20261120T10150{number}Z-6B-0123abcd" for number in (1, 2, 3))
DIGESTS = {tag: f"sha256:{number:064x}" for number, tag in enumerate((FIRST, SECOND, THIRD))}


def uri(tag: str) -> str:
    return f"{REPOSITORY}@{DIGESTS[tag]}"


def recorded(tag: str, request_id: str = "an-id") -> Version:
    return Version(uri(tag), f"{tag} {request_id}")


def by_hand(tag: str, description: str = "") -> Version:
    return Version(uri(tag), description)


# The marks that RecordImage has left


def test_each_version_that_record_image_wrote_is_marked_with_its_tag() -> None:
    assert written_tags([recorded(FIRST, "a"), recorded(SECOND, "b")]) == [FIRST, SECOND]


@pytest.mark.parametrize(
    "description",
    ["", FIRST, f"{FIRST} ", f"{FIRST}  an-id", f" {FIRST} an-id", f"{FIRST} an-id again", "build-x an-id", "by hand"],
)
def test_a_description_of_another_form_is_no_mark(description: str) -> None:
    assert written_tags([by_hand(FIRST, description)]) == [None]


def test_a_description_that_was_kept_or_copied_is_no_mark() -> None:
    first, second = recorded(FIRST), recorded(SECOND)
    kept = by_hand(FIRST, second.description)
    copied = by_hand(FIRST, first.description)

    assert written_tags([first, second, kept, copied]) == [FIRST, SECOND, None, None]


def test_the_same_tag_of_another_invocation_is_a_mark() -> None:
    assert written_tags([recorded(FIRST, "a"), recorded(FIRST, "b")]) == [FIRST, FIRST]


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


@pytest.mark.parametrize("description", [recorded(FIRST).description, f"{FIRST} another-id"])
def test_a_rollback_to_a_version_that_ssm_has_dropped_stays(description: str) -> None:
    tags = [f"build-20261121T10{number // 60:02}{number % 60:02}Z-6B-0123abcd" for number in range(99)]
    history = [Version(f"{REPOSITORY}@{tag}", f"{tag} an-id") for tag in tags]

    assert high_water_mark([*history, by_hand(FIRST, description)]) == tags[-1]


def test_an_old_request_that_lands_late_in_a_long_history_lowers_the_mark() -> None:
    tags = [f"build-20261121T10{number // 60:02}{number % 60:02}Z-6B-0123abcd" for number in range(100)]
    written = [Version(f"{REPOSITORY}@{tag}", f"{tag} an-id") for tag in tags]
    late = written.pop(97)

    assert high_water_mark([*written, late]) == tags[97]


# The decision


def ledger(history: list[Version], *tags: str, latest: str | None = None, settled: tuple[str, ...] = ()) -> Ledger:
    """A repository with these build tags, some of them settled, and a parameter with this history."""
    tagged = {tag: DIGESTS[tag] for tag in tags} | {f"settled-{tag}": DIGESTS[tag] for tag in settled}
    return Ledger(tagged | ({"latest": DIGESTS[latest]} if latest else {}), history)


def decided(history: list[Version], *tags: str) -> Decision:
    """What is decided where the repository has these build tags."""
    return decide(ledger(history, *tags), sorted(tags))


def test_without_images_there_is_nothing_to_record() -> None:
    assert decided([]) == Decision(None, "there is no image yet")


def test_the_first_image_is_recorded() -> None:
    assert decided([], FIRST) == Decision(FIRST, f"{FIRST} is the first")


def test_the_newest_of_several_is_recorded() -> None:
    assert decided([], FIRST, THIRD, SECOND) == Decision(THIRD, f"{THIRD} is the first")


def test_a_newer_image_is_recorded() -> None:
    assert decided([recorded(FIRST)], FIRST, SECOND) == Decision(SECOND, f"{SECOND} is newer than {FIRST}")


def test_an_older_image_is_not_recorded() -> None:
    assert decided([recorded(SECOND)], FIRST, SECOND) == Decision(None, f"nothing is newer than {SECOND}")


def test_an_image_that_was_recorded_is_not_recorded_after_a_rollback() -> None:
    assert decided([recorded(SECOND), by_hand(FIRST)], FIRST, SECOND).record is None


def test_an_old_request_that_landed_late_is_healed() -> None:
    assert decided([recorded(SECOND), recorded(FIRST)], FIRST, SECOND) == Decision(
        SECOND, f"{SECOND} is newer than {FIRST}"
    )


def test_an_image_that_may_not_be_recorded_does_not_hold_up_an_older_one() -> None:
    assert decide(ledger([recorded(FIRST)], FIRST, SECOND, THIRD), [FIRST, SECOND]).record == SECOND


# What is protected from expiry, and what isn't


def protected(found: Ledger) -> Protection:
    """What the lifecycle policy has to know."""
    return protection(found, sorted(tag for tag in found.tagged if tag.startswith("build-")), REPOSITORY)


def test_latest_moves_to_the_image_that_the_parameter_names() -> None:
    assert protected(ledger([recorded(FIRST)], FIRST)).latest == DIGESTS[FIRST]


def test_latest_does_not_move_to_where_it_is() -> None:
    assert protected(ledger([recorded(FIRST)], FIRST, latest=FIRST)).latest is None


def test_latest_stays_on_the_recorded_image_while_a_newer_one_is_not_recorded() -> None:
    assert protected(ledger([recorded(FIRST)], FIRST, SECOND, latest=FIRST)).latest is None


def test_latest_follows_a_rollback() -> None:
    assert protected(ledger([recorded(SECOND), by_hand(FIRST)], FIRST, SECOND, latest=SECOND)).latest == DIGESTS[FIRST]


def test_latest_follows_the_parameter_before_anything_is_recorded() -> None:
    assert protected(ledger([by_hand(FIRST)], latest=SECOND)).latest == DIGESTS[FIRST]


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
    history = [recorded(FIRST), Version(value, "by hand")]

    assert protected(ledger(history, FIRST, SECOND, latest=SECOND)).latest is None


def test_images_up_to_the_mark_are_settled() -> None:
    assert protected(ledger([recorded(SECOND)], FIRST, SECOND, THIRD)).settle == (FIRST, SECOND)


def test_an_image_is_settled_once() -> None:
    assert protected(ledger([recorded(SECOND)], FIRST, SECOND, settled=(FIRST,))).settle == (SECOND,)


def test_no_image_is_settled_before_one_is_recorded() -> None:
    assert protected(ledger([by_hand(SECOND)], FIRST, SECOND)).settle == ()


def test_no_image_above_the_mark_is_settled_by_a_rollback() -> None:
    assert protected(ledger([recorded(FIRST), by_hand(FIRST)], FIRST, SECOND)).settle == (FIRST,)
