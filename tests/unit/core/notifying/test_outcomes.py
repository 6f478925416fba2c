"""What becomes of an upload, from its build and the ledger alone."""

from itertools import product

import pytest

from core import reasons
from core.notifying.statuses import FINAL, Status, of_failure, outcome
from core.reasons import FAULTS, Reason
from tests.unit.support.built import built
from tests.unit.support.object_created import upload

TAG = upload().image_tag
NEWER = upload("2026-11-21T00:00:00Z").image_tag
OLDER = upload("2026-11-19T00:00:00Z").image_tag
URI = "123456789012.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service@sha256:" + 64 * "a"
UNSUCCESSFUL = ["FAILED", "FAULT", "TIMED_OUT", "STOPPED"]
LEDGERS = [{}, {OLDER: "older"}, {NEWER: "newer"}, {OLDER: "older", NEWER: "newer"}]


@pytest.mark.parametrize(("status", "exists"), list(product(["SUCCEEDED", *UNSUCCESSFUL], [True, False])))
@pytest.mark.parametrize("others", LEDGERS)
def test_an_upload_that_was_recorded_stays_recorded(status: str, exists: bool, others: dict[str, str]) -> None:
    assert outcome(built(status), exists=exists, recorded=others | {TAG: URI}) == Status("recorded", TAG, image_uri=URI)


@pytest.mark.parametrize("status", UNSUCCESSFUL)
@pytest.mark.parametrize("recorded", LEDGERS)
def test_an_upload_without_a_successful_build_or_an_image_has_failed_for_a_reason_to_be_found(
    status: str, recorded: dict[str, str]
) -> None:
    assert outcome(built(status), exists=False, recorded=recorded) == Status("failed", TAG)


@pytest.mark.parametrize(("status", "exists"), [("SUCCEEDED", True), ("SUCCEEDED", False), ("FAILED", True)])
def test_an_upload_below_the_highest_that_was_recorded_is_superseded(status: str, exists: bool) -> None:
    for recorded in ({NEWER: "newer"}, {OLDER: "older", NEWER: "newer"}, {NEWER: "newer", OLDER: "older"}):
        found = outcome(built(status), exists=exists, recorded=recorded)

        assert found == Status("superseded", TAG, reason=str(reasons.SUPERSEDED))


@pytest.mark.parametrize("status", ["SUCCEEDED", *UNSUCCESSFUL])
@pytest.mark.parametrize("recorded", [{}, {OLDER: "older"}], ids=["nothing recorded", "an older one recorded"])
def test_an_upload_whose_image_is_to_be_recorded_is_open(status: str, recorded: dict[str, str]) -> None:
    assert outcome(built(status), exists=True, recorded=recorded) is None


@pytest.mark.parametrize("recorded", [{}, {OLDER: "older"}], ids=["nothing recorded", "an older one recorded"])
def test_an_image_that_is_gone_before_it_was_recorded_is_the_build_systems_fault(recorded: dict[str, str]) -> None:
    found = outcome(built("SUCCEEDED"), exists=False, recorded=recorded)

    assert found == Status("failed", TAG, reason=str(reasons.GONE))
    assert str(reasons.GONE).startswith("build-system-fault: ")


@pytest.mark.parametrize(
    ("status", "exists", "mine", "others"),
    list(product(["SUCCEEDED", *UNSUCCESSFUL], [True, False], [True, False], LEDGERS)),
)
def test_every_outcome_is_final_and_names_the_builds_own_tag(
    status: str, exists: bool, mine: bool, others: dict[str, str]
) -> None:
    found = outcome(built(status), exists=exists, recorded=others | ({TAG: URI} if mine else {}))

    assert found is None or (found.name in FINAL and found.image_tag == TAG)
    assert found is not None or (exists and not mine)


# The reason of a failure is known


@pytest.mark.parametrize("code", sorted(FAULTS))
@pytest.mark.parametrize("recorded", LEDGERS)
def test_a_build_that_failed_by_a_fault_below_a_recorded_one_has_come_too_late(
    code: str, recorded: dict[str, str]
) -> None:
    fault = Reason(code, "AWS is ill.")
    late, failed = Status("superseded", TAG, str(reasons.superseded_after(fault))), Status("failed", TAG, str(fault))

    assert of_failure(built("FAILED"), fault, recorded) == (late if NEWER in recorded else failed)


@pytest.mark.parametrize("recorded", LEDGERS)
def test_a_build_that_failed_by_its_upload_has_failed_whatever_is_recorded(recorded: dict[str, str]) -> None:
    broken = Reason("build-failed", "RUN make: exit code: 2")

    assert of_failure(built("FAILED"), broken, recorded) == Status("failed", TAG, str(broken))
