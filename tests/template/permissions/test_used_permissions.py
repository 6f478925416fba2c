"""What `make e2e` says of the permissions that its tests used."""

import json
from collections.abc import Iterable
from fnmatch import fnmatchcase

import pytest

from tests.e2e.support import permissions
from tests.e2e.support.permissions import REFUSED, UNUSED, granted, problems, used

MANAGED = {"UploaderPolicy", "FollowerPolicy", "RollbackPolicy"}


def line(permission: str) -> str:
    """The line that the local cloud writes for a permission."""
    owner, _, action = permission.partition(" ")
    role, _, policy = owner.partition("/")
    if owner in MANAGED:
        return json.dumps(
            {
                "principal": "somebody",
                "policy": f"arn:aws:iam::000000000000:policy/source-to-ecr-{owner}-1B63FB5D05EA6",
                "action": action,
            }
        )
    return json.dumps({"principal": f"source-to-ecr-{role}-1B63FB5D05EA6", "policy": policy, "action": action})


def record(permissions: Iterable[str]) -> str:
    """The record of a run that used these."""
    return "".join(f"{line(each)}\n" for each in permissions)


@pytest.fixture
def no_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every permission has to be used, and every request granted."""
    monkeypatch.setattr(permissions, "UNUSED", {})
    monkeypatch.setattr(permissions, "REFUSED", {})


def test_a_record_names_the_owners_as_the_templates_do() -> None:
    assert used(record(granted())) == granted()
    assert {each.partition(" ")[0] for each in granted()} > {
        *MANAGED,
        "FollowRole/follow",
        "RecordImageRole/start-builds",
    }


def test_a_run_that_used_everything_has_no_problem(no_reasons: None) -> None:
    assert list(problems(record(granted()))) == []


def test_what_somebody_uses_beside_is_no_problem(no_reasons: None) -> None:
    beside = '{"principal": "deployer", "policy": "own", "action": "s3:PutObject"}\n'

    assert list(problems(record(granted()) + beside)) == []


@pytest.mark.parametrize(
    "permission", ["UploaderPolicy s3:PutObject", "RecordImageRole/start-builds codebuild:StartBuild"]
)
def test_a_permission_that_no_test_used_is_a_problem(no_reasons: None, permission: str) -> None:
    assert list(problems(record(granted() - {permission}))) == [f"{permission}: granted, but no test used it"]


def test_what_a_role_of_ours_requests_without_a_grant_is_a_problem(no_reasons: None) -> None:
    refused = line("StartBuildRole/ ssm:PutParameter"), line("StrangeRole/ ssm:PutParameter")

    found = list(problems(record(granted()) + "\n".join(refused)))
    assert found == ["StartBuildRole ssm:PutParameter: requested, but not granted"]


def test_a_run_that_recorded_nothing_has_used_nothing(no_reasons: None) -> None:
    assert len(list(problems(""))) == len(granted()) > 100


def test_a_reason_that_nothing_needs_is_a_problem() -> None:
    assert [each.rpartition(": ")[0] for each in problems(record(granted()))] == [*UNUSED, *REFUSED]


def test_every_reason_is_for_something_that_is_granted() -> None:
    assert [pattern for pattern in UNUSED if not any(fnmatchcase(each, pattern) for each in granted())] == []
