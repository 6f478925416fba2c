"""Each check of the service on Fargate: it holds on what the project expects, and finds what breaks its assumption."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from samcli.commands.deploy.exceptions import ChangeEmptyError

from ship.aws import ecs as deployments_of
from tests.verify.support.stories import evidence
from verify.checks import ecs
from verify.fargate.service import EXAMPLE, Deployment, Service
from verify.gathering.evidence import Evidence
from verify.verdicts import DidNotHold, NotTried

CHECKS = {check.assumption: check.look for check in ecs.CHECKS}
GAVE_UP = datetime(2026, 11, 30, 12, tzinfo=UTC)
URI = "111122223333.dkr.ecr.us-east-1.amazonaws.com/verify-abcdef@sha256:" + "1" * 64
EVENT = {"deploymentId": "ecs-svc/1", "updatedAt": "2026-11-30T12:00:00Z", "reason": "tasks failed to start."}


@dataclass
class Known(Service):
    """A service whose log, zones and deployments are known."""

    lines: tuple[str, ...] = ("It serves.",)

    def log_group(self) -> str:
        """The log group."""
        return "group"

    def logged(self, group: str, pattern: str) -> list[str]:
        """The lines of the log."""
        assert (group, pattern) == ("group", '"It serves."')
        return list(self.lines)

    def zones(self, subnets: set[str]) -> list[str]:
        """The zones of the only subnet."""
        assert subnets == {"subnet-1"}
        return ["use1-az1"]


def task(exit_code: int | None = 3, seconds: int = -1, **changed: Any) -> dict[str, Any]:
    """A task that stopped so many seconds after ECS gave the deployment up."""
    stopped: dict[str, Any] = {
        "lastStatus": "STOPPED",
        "startedBy": "ecs-svc/1",
        "stoppedReason": "Essential container in task exited",
        "stoppedAt": GAVE_UP + timedelta(seconds=seconds),
        "containers": [{"image": URI, "exitCode": exit_code}],
        "attachments": [{"details": [{"name": "subnetId", "value": "subnet-1"}]}],
    }
    return stopped | changed


def deployment(wanted: int = 1, code: int = 0, printed: str = "", image: str = URI, **more: Any) -> Deployment:
    """A run of deploy.sh."""
    listed = [{"status": "PRIMARY", "rolloutState": more.pop("rollout", "COMPLETED")}]
    service = {"desiredCount": wanted, "deployments": listed, "events": more.pop("events", [])}
    return Deployment(URI, code, printed, service, image, more.pop("tasks", [task(None)]))


FAILED = deployment(code=1, printed="The deployment failed.", tasks=[task(), task(), task(), task(None, 5)])
GOOD: dict[str, Any] = {
    "had_role": False,
    "first": deployment(),
    "second": deployment(2),
    "failed": FAILED,
    "event": EVENT,
    "completed": {"deploymentId": "ecs-svc/0"},
    "status": "UPDATE_ROLLBACK_COMPLETE",
    "given_up": {"sha256:" + "1" * 64},
    "lines": ("It serves.",),
}


@pytest.fixture
def found(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    """What is as expected, except what the parameter changes."""
    known = GOOD | getattr(request, "param", {})
    found = evidence()
    found.patience = 0.0
    service = Known(found.access, found.run, lambda *_: URI, known["lines"])
    events = SimpleNamespace(first=lambda name: known["event" if name == ecs.FAILED else "completed"])
    steps = {name: known[name] for name in ("had_role", "first", "second", "failed")}
    service.__dict__.update({f"_{name}_once": (value, None) for name, value in (steps | {"events": events}).items()})
    found.__dict__["_service_once"] = (service, None)
    answer = {"Stacks": [{"StackStatus": known["status"]}]}
    found.access.__dict__["cloudformation"] = SimpleNamespace(describe_stacks=lambda **_: answer)
    monkeypatch.setattr(deployments_of, "given_up", lambda *_: known["given_up"])
    return found


BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("ecs-service-linked-role", {"first": deployment(code=1, printed="Unable to assume the service linked role.")}),
    ("fargate-network", {"first": deployment(code=1, printed="task: CannotPullContainerError: i/o timeout")}),
    ("fargate-network", {"lines": ()}),
    (
        "fargate-arm64-zones",
        {"second": deployment(2, tasks=[task(stoppedReason="Capacity is unavailable at this time")])},
    ),
    ("fargate-arm64-zones", {"first": deployment(events=[{"message": "try a different availability zone"}])}),
    ("fargate-arm64-zones", {"first": deployment(code=1, printed="event: Capacity is unavailable at this time.")}),
    ("image-parameter-resolution", {"second": deployment(2, printed="No changes to deploy. Stack is up to date")}),
    ("image-parameter-resolution", {"second": deployment(2, image="another")}),
    (
        "express-mode-skips-service",
        {"second": deployment(2, 1, "but the service doesn't run the image that the parameter names:")},
    ),
    ("desired-count-left-alone", {"first": deployment(2)}),
    ("desired-count-left-alone", {"second": deployment(1)}),
    ("service-update-waits", {"second": deployment(2, rollout="IN_PROGRESS")}),
    ("service-update-waits", {"failed": replace(FAILED, code=0)}),
    ("service-update-waits", {"status": "UPDATE_COMPLETE"}),
    ("stopped-tasks-listed", {"failed": replace(FAILED, tasks=[])}),
    ("stopped-tasks-listed", {"failed": replace(FAILED, tasks=[task(startedBy="verify-abcdef")])}),
    ("stopped-tasks-listed", {"failed": replace(FAILED, tasks=[task(stoppedReason="")])}),
    ("stopped-tasks-listed", {"failed": replace(FAILED, tasks=[task(None)])}),
    ("deployment-completed-event", {"completed": None}),
    ("deployment-failed-event", {"event": None}),
    ("deployment-failed-event", {"event": EVENT | {"reason": ""}}),
    ("deployment-failed-event", {"event": EVENT | {"deploymentId": "ecs-svc/2"}}),
    ("circuit-breaker-count", {"failed": replace(FAILED, tasks=[task(), task()])}),
    ("circuit-breaker-count", {"failed": replace(FAILED, tasks=[task()] * 4)}),
    ("service-deployments-list", {"given_up": set()}),
]
UNTRIED: list[tuple[str, dict[str, Any]]] = [
    ("ecs-service-linked-role", {"had_role": True}),
    ("ecs-service-linked-role", {"first": deployment(code=1, printed="There is no default network")}),
    ("fargate-network", {"first": deployment(code=1, printed="There is no default network")}),
    ("fargate-arm64-zones", {"first": deployment(tasks=[]), "second": deployment(2, tasks=[])}),
    ("image-parameter-resolution", {"second": deployment(2, 1, "Task failed container health checks")}),
    ("express-mode-skips-service", {"second": deployment(2, 1, "Task failed container health checks")}),
    ("desired-count-left-alone", {"second": deployment(2, 1)}),
    ("stopped-tasks-listed", {"failed": replace(FAILED, code=0)}),
    ("deployment-failed-event", {"failed": replace(FAILED, code=0)}),
    ("circuit-breaker-count", {"event": None}),
    ("service-deployments-list", {"failed": replace(FAILED, code=0)}),
]


@pytest.mark.parametrize("assumption", CHECKS)
def test_it_holds_as_expected(found: Evidence, assumption: str) -> None:
    assert CHECKS[assumption](found).endswith((".", "ROLLBACK_COMPLETE"))


@pytest.mark.parametrize(("assumption", "found"), BROKEN, indirect=["found"], ids=[name for name, _ in BROKEN])
def test_what_breaks_the_assumption_is_found(found: Evidence, assumption: str) -> None:
    with pytest.raises(DidNotHold):
        CHECKS[assumption](found)


@pytest.mark.parametrize(("assumption", "found"), UNTRIED, indirect=["found"], ids=[name for name, _ in UNTRIED])
def test_another_cause_is_not_blamed_on_the_assumption(found: Evidence, assumption: str) -> None:
    with pytest.raises(NotTried):
        CHECKS[assumption](found)


def test_the_example_says_what_the_checks_look_for() -> None:
    assert ecs.LEFT_OUT in (EXAMPLE / "hints.py").read_text()
    assert ecs.UNCHANGED in ChangeEmptyError("x").message


def test_each_check_has_something_that_breaks_it() -> None:
    assert {name for name, _ in BROKEN} == CHECKS.keys()


@pytest.mark.parametrize("assumption", CHECKS)
def test_without_the_option_nothing_is_deployed(assumption: str) -> None:
    with pytest.raises(NotTried, match="give --fargate"):
        CHECKS[assumption](evidence())
