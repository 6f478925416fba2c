"""What becomes of an upload, from its build and the ledger alone."""

from itertools import product

import pytest

from core import reasons
from core.builds import Build
from core.statuses import FINAL, Status, outcome
from tests.unit.support.object_created import upload

VERSION, TAG = upload().version, upload().image_tag
NEWER = upload("2026-11-21T00:00:00Z").image_tag
OLDER = upload("2026-11-19T00:00:00Z").image_tag
URI = "123456789012.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service@sha256:" + 64 * "a"
UNSUCCESSFUL = ["FAILED", "FAULT", "TIMED_OUT", "STOPPED"]
LEDGERS = [{}, {OLDER: "older"}, {NEWER: "newer"}, {OLDER: "older", NEWER: "newer"}]


def build(status: str) -> Build:
    """A build of the upload that ended so."""
    return Build(
        id="jwt-pizza-service:1",
        status=status,
        version=VERSION,
        image_tag=TAG,
        phase="BUILD",
        ran_commands=True,
        log=None,
    )


@pytest.mark.parametrize(("status", "exists"), list(product(["SUCCEEDED", *UNSUCCESSFUL], [True, False])))
@pytest.mark.parametrize("others", LEDGERS)
def test_what_was_recorded_is_recorded(status: str, exists: bool, others: dict[str, str]) -> None:
    assert outcome(build(status), exists=exists, recorded=others | {TAG: URI}) == Status("recorded", TAG, image_uri=URI)


@pytest.mark.parametrize("status", UNSUCCESSFUL)
@pytest.mark.parametrize("recorded", LEDGERS)
def test_what_did_not_succeed_and_has_no_image_has_failed_for_a_reason_to_be_found(
    status: str, recorded: dict[str, str]
) -> None:
    assert outcome(build(status), exists=False, recorded=recorded) == Status("failed", TAG)


@pytest.mark.parametrize(("status", "exists"), [("SUCCEEDED", True), ("SUCCEEDED", False), ("FAILED", True)])
def test_below_the_highest_that_was_recorded_an_image_is_superseded(status: str, exists: bool) -> None:
    for recorded in ({NEWER: "newer"}, {OLDER: "older", NEWER: "newer"}, {NEWER: "newer", OLDER: "older"}):
        told = outcome(build(status), exists=exists, recorded=recorded)

        assert told == Status("superseded", TAG, reason=str(reasons.SUPERSEDED))


@pytest.mark.parametrize("status", ["SUCCEEDED", *UNSUCCESSFUL])
@pytest.mark.parametrize("recorded", [{}, {OLDER: "older"}], ids=["nothing recorded", "an older one recorded"])
def test_an_image_that_is_to_be_recorded_is_open(status: str, recorded: dict[str, str]) -> None:
    assert outcome(build(status), exists=True, recorded=recorded) is None


@pytest.mark.parametrize("recorded", [{}, {OLDER: "older"}], ids=["nothing recorded", "an older one recorded"])
def test_an_image_that_is_gone_before_that_is_the_build_systems_fault(recorded: dict[str, str]) -> None:
    told = outcome(build("SUCCEEDED"), exists=False, recorded=recorded)

    assert told == Status("failed", TAG, reason=str(reasons.GONE))
    assert str(reasons.GONE).startswith("build-system-fault: ")


@pytest.mark.parametrize(
    ("status", "exists", "mine", "others"),
    list(product(["SUCCEEDED", *UNSUCCESSFUL], [True, False], [True, False], LEDGERS)),
)
def test_what_is_settled_is_final_and_names_the_builds_own_tag(
    status: str, exists: bool, mine: bool, others: dict[str, str]
) -> None:
    told = outcome(build(status), exists=exists, recorded=others | ({TAG: URI} if mine else {}))

    assert told is None or (told.name in FINAL and told.image_tag == TAG)
    assert told is not None or (exists and not mine)
