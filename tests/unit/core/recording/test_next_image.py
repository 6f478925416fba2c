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


KEPT, COPIED = by_hand(FIRST, recorded(SECOND).description), by_hand(FIRST, recorded(FIRST).description)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([recorded(FIRST, "a"), recorded(SECOND, "b")], [FIRST, SECOND], id="each that RecordImage wrote"),
        pytest.param([recorded(FIRST, "a"), recorded(FIRST, "b")], [FIRST, FIRST], id="of another invocation"),
        pytest.param(
            [recorded(FIRST), recorded(SECOND), KEPT, COPIED], [FIRST, SECOND, None, None], id="kept or copied"
        ),
        *(
            pytest.param([by_hand(FIRST, description)], [None], id=f"another form: {description!r}")
            for description in (
                *("", FIRST, f"{FIRST} ", f"{FIRST}  an-id", f" {FIRST} an-id", f"{FIRST} an-id again"),
                *("build-x an-id", "by hand"),
            )
        ),
    ],
)
def test_a_version_is_marked_with_the_tag_that_record_image_wrote_it_with(
    history: list[Version], expected: list[str | None]
) -> None:
    assert written_tags(history) == expected


# The high-water mark


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([], "", id="nothing was recorded"),
        pytest.param([by_hand(FIRST, "by hand")], "", id="nothing was recorded by RecordImage"),
        pytest.param([recorded(FIRST), recorded(SECOND)], SECOND, id="the newest was recorded last"),
        pytest.param([recorded(SECOND), by_hand(FIRST)], SECOND, id="a rollback"),
        pytest.param([recorded(SECOND), KEPT], SECOND, id="a kept description"),
        pytest.param([recorded(FIRST), recorded(SECOND), COPIED], SECOND, id="a copied description"),
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


@pytest.mark.parametrize(
    ("history", "tags", "expected"),
    [
        pytest.param([], [], (None, "there is no image yet"), id="no image"),
        pytest.param([], [FIRST], (FIRST, f"{FIRST} is the first"), id="the first"),
        pytest.param([], [FIRST, SECOND, THIRD], (THIRD, f"{THIRD} is the first"), id="the newest of several"),
        pytest.param([recorded(FIRST)], [FIRST, SECOND], (SECOND, f"{SECOND} is newer than {FIRST}"), id="a newer one"),
        pytest.param([recorded(SECOND)], [FIRST, SECOND], (None, f"nothing is newer than {SECOND}"), id="an older one"),
        pytest.param(
            [recorded(SECOND), by_hand(FIRST)],
            [FIRST, SECOND],
            (None, f"nothing is newer than {SECOND}"),
            id="rollback",
        ),
        pytest.param(
            [recorded(SECOND), recorded(FIRST)],
            [FIRST, SECOND],
            (SECOND, f"{SECOND} is newer than {FIRST}"),
            id="an old request that landed late is healed",
        ),
    ],
)
def test_the_newest_image_is_recorded_unless_it_was(
    history: list[Version], tags: list[str], expected: tuple[str | None, str]
) -> None:
    assert decide(ledger(history, *tags), tags) == Decision(*expected)


def test_an_image_that_may_not_be_recorded_does_not_hold_up_an_older_one() -> None:
    assert decide(ledger([recorded(FIRST)], FIRST, SECOND, THIRD), [FIRST, SECOND]).record == SECOND


# What is protected from expiry, and what isn't


def protected(found: Ledger) -> Protection:
    """What the lifecycle policy has to know."""
    return protection(found, sorted(tag for tag in found.tagged if tag.startswith("build-")), REPOSITORY)


@pytest.mark.parametrize(
    ("found", "latest"),
    [
        pytest.param(ledger([recorded(FIRST)], FIRST), FIRST, id="moves to what the parameter names"),
        pytest.param(ledger([recorded(FIRST)], FIRST, latest=FIRST), None, id="is there"),
        pytest.param(ledger([recorded(FIRST)], FIRST, SECOND, latest=FIRST), None, id="a newer one isn't recorded"),
        pytest.param(
            ledger([recorded(SECOND), by_hand(FIRST)], FIRST, SECOND, latest=SECOND), FIRST, id="follows a rollback"
        ),
        pytest.param(ledger([by_hand(FIRST)], latest=SECOND), FIRST, id="before anything is recorded"),
    ],
)
def test_latest_goes_with_the_parameter(found: Ledger, latest: str | None) -> None:
    assert protected(found).latest == (DIGESTS[latest] if latest else None)


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


@pytest.mark.parametrize(
    ("found", "settle"),
    [
        pytest.param(ledger([recorded(SECOND)], FIRST, SECOND, THIRD), (FIRST, SECOND), id="up to the mark"),
        pytest.param(ledger([recorded(SECOND)], FIRST, SECOND, settled=(FIRST,)), (SECOND,), id="once"),
        pytest.param(ledger([by_hand(SECOND)], FIRST, SECOND), (), id="before one is recorded"),
        pytest.param(ledger([recorded(FIRST), by_hand(FIRST)], FIRST, SECOND), (FIRST,), id="after a rollback"),
    ],
)
def test_images_up_to_the_mark_are_settled(found: Ledger, settle: tuple[str, ...]) -> None:
    assert protected(found).settle == settle
