"""What becomes of an upload, from its build and the ledger alone."""

from itertools import product

import pytest

from core import reasons
from core.notifying.statuses import Status, of_failure, outcome
from core.reasons import FAULTS, Reason
from tests.unit.support.built import built
from tests.unit.support.object_created import upload

TAG = upload().image_tag
NEWER = upload("2026-11-21T00:00:00Z").image_tag
OLDER = upload("2026-11-19T00:00:00Z").image_tag
URI = "123456789012.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service@sha256:" + 64 * "a"
UNSUCCESSFUL = ["FAILED", "FAULT", "TIMED_OUT", "STOPPED"]
STATUSES = ["SUCCEEDED", *UNSUCCESSFUL]
WITHOUT_NEWER: list[dict[str, str]] = [{}, {OLDER: "older"}]
WITH_NEWER = [{NEWER: "newer"}, {OLDER: "older", NEWER: "newer"}, {NEWER: "newer", OLDER: "older"}]
LEDGERS = WITHOUT_NEWER + WITH_NEWER
GONE, SUPERSEDED = (
    Status("failed", TAG, reason=str(reasons.GONE)),
    Status("superseded", TAG, reason=str(reasons.SUPERSEDED)),
)
# The build's status, whether the image exists, what is recorded, and what becomes of the upload: every case there is
CASES: list[tuple[str, bool, dict[str, str], Status | None]] = [
    *(
        (status, exists, others | {TAG: URI}, Status("recorded", TAG, image_uri=URI))
        for status, exists, others in product(STATUSES, [True, False], LEDGERS)
    ),
    *((status, False, others, Status("failed", TAG)) for status, others in product(UNSUCCESSFUL, LEDGERS)),
    *((status, True, others, SUPERSEDED) for status, others in product(STATUSES, WITH_NEWER)),
    *((status, True, others, None) for status, others in product(STATUSES, WITHOUT_NEWER)),  # it is to be recorded
    *(("SUCCEEDED", False, others, SUPERSEDED) for others in WITH_NEWER),
    *(("SUCCEEDED", False, others, GONE) for others in WITHOUT_NEWER),
]


@pytest.mark.parametrize(("status", "exists", "recorded", "expected"), CASES)
def test_what_becomes_of_an_upload_whose_build_has_ended(
    status: str, exists: bool, recorded: dict[str, str], expected: Status | None
) -> None:
    assert outcome(built(status), exists=exists, recorded=recorded) == expected


def test_every_case_is_there() -> None:
    assert len(CASES) == len([*product(STATUSES, [True, False], [True, False], LEDGERS)])


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
