"""The status of recorded uploads by their deployment: from the image parameter's history and auto-deploy's records."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.notifying import deployments
from core.notifying.deployments import Deployed, Record
from core.notifying.statuses import DEPLOYED, Status, clean
from core.recording.next_image import Version

OLD, MIDDLE, NEW = (f"build-2026112{day}T101530Z-6B001DC29329D189-225d2c00" for day in range(3))
BY_HAND = "by hand"


def uri(tag: str) -> str:
    """The image that was recorded under a build tag, or another one."""
    return f"123456789012.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service@sha256:{tag}"


def history(*tags: str) -> list[Version]:
    """The image parameter's versions: the first of each tag is recorded, the others are rollbacks."""
    written = [(tag, tag in tags[:number]) for number, tag in enumerate(tags)]
    return [Version(uri(tag), BY_HAND if again else f"{tag} request-{tag}") for tag, again in written]


def record(state: str, tag: str, running: str | None = None, **more: Any) -> Record:
    """What auto-deploy found for the image of this build tag."""
    return Record(state, uri(tag), uri(running) if running else None, **more)


def names(named: list[Version], *records: Record) -> dict[str, str]:
    """The name of each decided status."""
    return {tag: status.name for tag, status in deployments.decide(named, records).statuses.items()}


def test_without_records_nothing_is_decided() -> None:
    assert deployments.decide(history(OLD, NEW), []) == Deployed({})


LIVES: dict[str, tuple[list[Version], list[Record], dict[str, str]]] = {
    "an image that the service runs is running": (
        history(NEW),
        [record("deploying", NEW), record("running", NEW, NEW)],
        {NEW: "running"},
    ),
    "while the first image is deployed, nothing is decided": (history(NEW), [record("deploying", NEW)], {}),
    "while a newer one is deployed, the older one runs": (
        history(OLD, NEW),
        [record("running", OLD, OLD), record("deploying", NEW, OLD)],
        {OLD: "running"},
    ),
    "before auto-deploy looks at a newer one, the older one runs": (
        history(OLD, NEW),
        [record("running", OLD, OLD)],
        {OLD: "running"},
    ),
    "an image that runs replaces the one before it": (
        history(OLD, NEW),
        [record("running", OLD, OLD), record("running", NEW, NEW)],
        {OLD: "replaced", NEW: "running"},
    ),
    "an image that was overtaken before it ran is replaced": (
        history(OLD, MIDDLE, NEW),
        [record("running", OLD, OLD), record("deploying", MIDDLE, OLD), record("deploying", NEW, OLD)],
        {OLD: "running", MIDDLE: "replaced"},
    ),
    "an image whose deployment failed is not healthy, and the one before it runs": (
        history(OLD, NEW),
        [record("running", OLD, OLD), record("deploying", NEW, OLD), record("not-healthy", NEW, OLD)],
        {OLD: "running", NEW: "not-healthy"},
    ),
    "an image that never ran stays not healthy after a newer one runs": (
        history(OLD, NEW),
        [record("not-healthy", OLD), record("deploying", NEW), record("running", NEW, NEW)],
        {OLD: "not-healthy", NEW: "running"},
    ),
    "an image that was healthy at last is replaced by a newer one": (
        history(OLD, NEW),
        [record("not-healthy", OLD), record("running", OLD, OLD), record("running", NEW, NEW)],
        {OLD: "replaced", NEW: "running"},
    ),
    "an image that is tried once more keeps its status until that is decided": (
        history(OLD, NEW, OLD, NEW),
        [record("not-healthy", NEW, OLD), record("running", OLD, OLD), record("deploying", NEW, OLD)],
        {OLD: "running"},
    ),
    "after a rollback the older image runs again": (
        history(OLD, NEW, OLD),
        [record("running", OLD, OLD), record("running", NEW, NEW), record("running", OLD, OLD)],
        {OLD: "running", NEW: "rolled-back"},
    ),
    "until the rollback is deployed the newer image runs": (
        history(OLD, NEW, OLD),
        [record("running", NEW, NEW), record("deploying", OLD, NEW)],
        {NEW: "running"},
    ),
    "after going forward the newer image runs again": (
        history(OLD, NEW, OLD, NEW),
        [record("running", NEW, NEW), record("running", OLD, OLD), record("running", NEW, NEW)],
        {OLD: "replaced", NEW: "running"},
    ),
    "an older image that the service got by hand is a rollback": (
        history(OLD, NEW),
        [record("running", NEW, NEW), record("changed", NEW, OLD)],
        {OLD: "running", NEW: "rolled-back"},
    ),
    "another image that the service got by hand replaces it": (
        history(NEW),
        [record("running", NEW, NEW), record("changed", NEW, "another")],
        {NEW: "replaced"},
    ),
    "a service that is gone runs nothing": (
        history(OLD, NEW),
        [record("running", OLD, OLD), record("not-healthy", NEW, None)],
        {OLD: "replaced", NEW: "not-healthy"},
    ),
}


@pytest.mark.parametrize("case", LIVES.values(), ids=LIVES)
def test_what_both_histories_say(case: tuple[list[Version], list[Record], dict[str, str]]) -> None:
    named, records, expected = case

    assert names(named, *records) == expected


def test_an_image_of_two_uploads_gives_both_their_status() -> None:
    named = [Version(uri("shared"), f"{tag} request-{tag}") for tag in (OLD, NEW)]

    assert names(named, record("running", "shared", "shared")) == {OLD: "running", NEW: "running"}


def test_a_newer_upload_that_gave_an_older_image_is_no_rollback() -> None:
    again = "build-20261129T101530Z-6B001DC29329D189-225d2c00"
    named = [*history(OLD, NEW), Version(uri(OLD), f"{again} request")]

    assert names(named, record("running", NEW, NEW), record("running", OLD, OLD)) == {
        OLD: "running",
        NEW: "replaced",
        again: "running",
    }


def test_an_image_that_was_promoted_or_put_by_hand_has_no_upload() -> None:
    assert names([Version(uri("promoted"), "Promoted")], record("running", "promoted", "promoted")) == {}


def test_a_status_names_the_image_and_why_it_does_not_run() -> None:
    said = record(
        "not-healthy",
        NEW,
        None,
        reason="ECS gave up.",
        exit_code="3",
        lines=("no database", "bye!"),
        log="group stream",
    )
    (status,) = deployments.decide(history(NEW), [said]).statuses.values()

    assert status == Status(
        "not-healthy",
        NEW,
        "not-healthy: ECS gave up. Exit code 3. bye!",
        uri(NEW),
        ("no database", "bye!"),
        log="group stream",
    )


def test_a_deployment_of_which_nothing_is_known_failed() -> None:
    (status,) = deployments.decide(history(NEW), [record("not-healthy", NEW)]).statuses.values()

    assert status.reason == "not-healthy: The deployment failed."


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ([], False),
        ([record("running", OLD, OLD)], False),
        ([record("not-healthy", OLD)], True),
        ([record("not-healthy", OLD), record("deploying", NEW)], True),
        ([record("not-healthy", NEW), record("running", NEW, NEW)], False),
        ([record("not-healthy", OLD), record("running", NEW, NEW), record("changed", NEW, OLD)], False),
    ],
)
def test_a_success_is_a_recovery_right_after_a_failure(before: list[Record], expected: bool) -> None:
    found = deployments.decide(history(OLD, NEW), [*before, record("running", NEW, NEW)])

    assert found.statuses[NEW].is_recovery == expected


def test_an_older_image_that_still_runs_is_no_recovery() -> None:
    found = deployments.decide(history(OLD, NEW), [record("not-healthy", OLD), record("not-healthy", NEW, OLD)])

    assert found.statuses[OLD] == Status("running", OLD, image_uri=uri(OLD))


def test_news_are_the_uploads_of_the_last_records_and_the_last_one_is_fresh() -> None:
    records = [record("running", OLD, OLD), record("deploying", NEW, OLD), record("running", NEW, NEW)]
    found = deployments.decide(history("older", OLD, NEW), records)

    assert {*found.news} == {OLD, NEW}
    assert found.fresh == NEW


def test_while_the_last_one_is_undecided_nothing_is_fresh() -> None:
    assert deployments.decide(history(NEW), [record("deploying", NEW)]).fresh is None


STATES = st.sampled_from(sorted(deployments.STATES))
TAGS = st.sampled_from([OLD, MIDDLE, NEW])
RECORDS = st.lists(
    st.builds(record, STATES, TAGS, st.none() | TAGS, reason=st.none() | st.text(), lines=st.tuples(st.text())),
    max_size=6,
)


@given(st.lists(TAGS, min_size=1, max_size=6), RECORDS)
def test_any_histories_give_statuses_of_deployments_that_a_version_can_carry(
    tags: list[str], records: list[Record]
) -> None:
    decided = deployments.decide(history(*tags), records).statuses

    assert decided.keys() <= set(tags)
    for status in decided.values():
        assert status.name in DEPLOYED
        assert status.image_uri
        assert bool(clean(status.reason or "")) == (status.name != "running")
    assert {tag for tag, status in decided.items() if status.name == "running"} == {
        tag for tag in set(tags) if records and records[-1].running == uri(tag)
    }
