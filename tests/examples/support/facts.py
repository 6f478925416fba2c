"""Facts for the follower's decision, in few words."""

from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

from tests.examples.support.cloud import uri

OLD, NEW, OTHER = (uri(letter) for letter in "123")
NAMED_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BEFORE, AFTER, NOW = (NAMED_AT + timedelta(minutes=minutes) for minutes in (-60, 1, 5))
LATER = NOW + timedelta(minutes=30)
GIVEN_UP = "ECS deployment circuit breaker: tasks failed to start."
WORDS = f"{GIVEN_UP} Essential container in task exited."


def deployment(image: str, state: str, *, running: int = 1, created: datetime = AFTER, **more: Any) -> dict[str, Any]:
    """A deployment of an image. The first of a service is its primary one."""
    reason = GIVEN_UP if state == "FAILED" else ""
    known = {"id": image[-1], "definition": "", "reason": reason, "is_primary": True}
    times = {"created": created, "updated": created}
    return known | {"image": image, "state": state, "running": running} | times | more


def old(state: str = "COMPLETED", *, running: int = 1, **more: Any) -> dict[str, Any]:
    return deployment(OLD, state, running=running, created=BEFORE, **more)


def new(state: str, *, running: int = 1, **more: Any) -> dict[str, Any]:
    return deployment(NEW, state, running=running, **more)


def behind(made: dict[str, Any]) -> dict[str, Any]:
    """A deployment that isn't the primary one."""
    return made | {"is_primary": False}


def attempt(status: str, *, of_new: bool = True, created: datetime = AFTER) -> dict[str, Any]:
    """A service deployment in ECS's history."""
    return {"is_of_named": of_new, "status": status, "reason": f"It is {status}.", "created": created}


def last(state: str, **more: Any) -> dict[str, Any]:
    """The last record, of the present version."""
    return {"state": state, "image": NEW, "version": 2, "running": OLD, "deployment": "2"} | more


OF_OLD = {"state": "running", "image": OLD, "version": 1, "running": OLD, "deployment": "1"}
HAND = deployment(OTHER, "COMPLETED", created=AFTER + timedelta(minutes=1))
OVERTAKEN = [attempt("STOPPED"), attempt("SUCCESSFUL", of_new=False, created=AFTER + timedelta(minutes=1))]
FAILED = last("not-healthy", reason=WORDS, exit_code="3", lines=("No DATABASE_URL.",))
LATE = "The deployment isn't complete after 30 minutes."


def facts(follow: ModuleType, record: Any, deployments: Any, more: dict[str, Any], now: datetime = NOW) -> Any:
    """The facts, made of the function's own types."""
    decision = follow.decide.__globals__
    service = decision["Service"](
        more.get("wanted", 1),
        tuple(decision["Deployment"](**each) for each in deployments),
        tuple(decision["Attempt"](**each) for each in more.get("attempts", [])),
        more.get("trouble", ""),
    )
    known = record and follow.Record(**record)
    named, recorded = decision["Named"](NEW, 2, NAMED_AT), more.get("recorded", AFTER)
    return decision["Facts"](named, known, service, more.get("now", now), recorded)
