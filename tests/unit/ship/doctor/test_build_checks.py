"""What the doctor finds in the last build's end."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from core.build_log import reason_line
from core.reasons import Reason
from ship.doctor.findings import PROBLEM, WARNING
from tests.unit.ship.support.account import REFUSED, Account

LACKING = "The build's role the-role lacks the permission ssm:PutParameter"
SHORTENED = "S3 refused the download. ... zed to perform: s3:GetObjectVersion with an explicit deny in a policy"


def ended(*contexts: dict[str, str], phase: str = "BUILD") -> dict[str, Any]:
    """What CodeBuild says of a build that has just failed in this phase."""
    phases = [{"phaseType": phase, "phaseStatus": "FAILED", "contexts": [*contexts]}]
    return {"buildStatus": "FAILED", "endTime": datetime.now(UTC), "phases": phases}


@pytest.mark.parametrize(
    ("reason", "level", "what"),
    [
        (f"build-system-fault: S3 refused the download. {REFUSED}", PROBLEM, f"{LACKING}. {{}}."),
        ("push-failed: The push failed. EOF", WARNING, "{}: push-failed: The push failed. EOF"),
        (f"build-failed: {REFUSED}", WARNING, f"{{}}: build-failed: {REFUSED}"),
    ],
)
def test_the_last_builds_own_end(account: Account, reason: str, level: str, what: str) -> None:
    code, _, sentence = reason.partition(": ")
    account.world.log[:] = ["Fetching", reason_line(Reason(code, sentence))]
    account.world.builds_it(account.world.upload(), **ended())
    account.world.builds_it(account.world.upload("running.zip"))

    findings = [(each, re.sub(r" at [-0-9]+ [:0-9]+,", ",", text)) for each, text in account.finds()]
    assert (level, what.format("The last build that ended, of hello.zip, failed")) in findings


def test_a_build_that_may_not_log(account: Account) -> None:
    said = f"Service role x does not allow that. Error message: {REFUSED[80:]}"
    account.world.builds_it(
        account.world.upload(), **ended({"statusCode": "ACCESS_DENIED", "message": said}, phase="SUBMITTED")
    )

    level, what = account.finds()[0]
    assert level == PROBLEM
    assert LACKING in what


@pytest.mark.parametrize(
    ("reason", "level"),
    [
        ("no-permission: AWS answers StartBuild with AccessDeniedException. It is tried again.", PROBLEM),
        ("aws-fails: AWS answers StartBuild with ThrottlingException. It is tried again.", WARNING),
        (f"built-again: It is built again within 15 minutes. The last build ended with x-fault: {SHORTENED}", PROBLEM),
    ],
)
def test_what_an_upload_waits_for(account: Account, reason: str, level: str) -> None:
    account.builds("older.zip", "waiting", reason)
    account.world.says(account.builds("newest.zip"), "recorded", uri="x")

    findings = account.finds()
    assert [(each, what.partition(":")[0]) for each, what in findings] == [(level, "The upload older.zip waits")]
