"""Each check of auto-deploy, and of the deletion of the service's stack, finds what breaks its assumption."""

from types import SimpleNamespace
from typing import Any

import pytest

from core.notifying.deployments import Record
from local.pipeline import Late
from local.progress import UserError
from tests.verify.support.stories import evidence
from verify import removal
from verify.checks import FARGATE, ecs, following
from verify.fargate.service import REVISION_TAG, Deployment, Followed, Service
from verify.gathering.evidence import Evidence
from verify.verdicts import DidNotHold, NotTried

CHECKS = {check.assumption: check.look for check in following.CHECKS}
NETWORK = {"awsvpcConfiguration": {"securityGroups": ["sg-1"]}}
REFUSED = "is not authorized to perform: ecs:TagResource"
GOOD: dict[str, Any] = {
    "followed": Followed({REVISION_TAG: "abcdef"}),
    "lines": ("{{x}}",),
    "service": {"runningCount": 1, "networkConfiguration": NETWORK},
    "interfaces": [["eni-1"], []],
    "failure": None,
}


@pytest.fixture
def found(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    """What is as expected, except what the parameter changes."""
    known = GOOD | getattr(request, "param", {})
    found = evidence()
    service = Service(found.access, found.run, lambda *_: "")
    lines, interfaces = known["lines"], iter(known["interfaces"])
    record = (Record("not-healthy", "uri", lines=lines), None) if lines is not None else (None, Late("It is late."))
    first = Deployment("", 0, "", {}, "", [])
    service.__dict__ |= {
        "_followed_once": (known["followed"], None),
        "_recorded_failure_once": record,
        "_first_once": (first, None),
    }
    monkeypatch.setattr(Service, "described", lambda _: known["service"])

    def listed(Filters: list[dict[str, Any]]) -> dict[str, list[str]]:  # noqa: N803
        assert Filters == [{"Name": "group-id", "Values": ["sg-1"]}]
        return {"NetworkInterfaces": next(interfaces)}

    def delete(_: object, name: str) -> None:
        assert name in {found.run.auto_deploy_stack, found.run.ecs_stack}
        if known["failure"]:
            raise UserError(known["failure"])

    found.__dict__["_service_once"] = (service, None)
    ec2 = SimpleNamespace(describe_network_interfaces=listed)
    found.access.__dict__["session"] = SimpleNamespace(client={"ec2": ec2}.__getitem__)
    monkeypatch.setattr(removal, "delete", delete)
    return found


BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("tag-task-definition-on-revisions", {"followed": Followed({})}),
    ("tag-task-definition-on-revisions", {"followed": Followed({}, "It is late.", (REFUSED,))}),
    ("parameter-value-braces", {"lines": None}),
    ("parameter-value-braces", {"lines": ("x",)}),
    ("service-stack-deletion", {"failure": "The stack is DELETE_FAILED: the security group has a dependent object."}),
    ("service-stack-deletion", {"interfaces": [["eni-1"], ["eni-1"]]}),
]
UNTRIED: list[tuple[str, dict[str, Any]]] = [
    ("tag-task-definition-on-revisions", {"followed": Followed({}, "It is late.")}),
    ("parameter-value-braces", {"lines": ()}),
    ("service-stack-deletion", {"service": {}}),
    ("service-stack-deletion", {"interfaces": [[]]}),
]


@pytest.mark.parametrize("assumption", CHECKS)
def test_it_holds_as_expected(found: Evidence, assumption: str) -> None:
    assert CHECKS[assumption](found).endswith(".")


@pytest.mark.parametrize(("assumption", "found"), BROKEN, indirect=["found"], ids=[name for name, _ in BROKEN])
def test_what_breaks_the_assumption_is_found(found: Evidence, assumption: str) -> None:
    with pytest.raises(DidNotHold):
        CHECKS[assumption](found)


@pytest.mark.parametrize(("assumption", "found"), UNTRIED, indirect=["found"], ids=[name for name, _ in UNTRIED])
def test_another_cause_is_not_blamed_on_the_assumption(found: Evidence, assumption: str) -> None:
    with pytest.raises(NotTried):
        CHECKS[assumption](found)


def test_each_check_has_something_that_breaks_it() -> None:
    assert {name for name, _ in BROKEN} == CHECKS.keys()
    assert CHECKS.keys() | {check.assumption for check in ecs.CHECKS} == FARGATE


@pytest.mark.parametrize("assumption", CHECKS)
def test_without_the_option_nothing_is_deployed(assumption: str) -> None:
    with pytest.raises(NotTried, match="give --fargate"):
        CHECKS[assumption](evidence())
