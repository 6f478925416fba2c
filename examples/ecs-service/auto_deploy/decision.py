"""Decides the next step for a service that follows a parameter: a pure function of the facts, with a reason.

It looks at what is, never at what an event said, so lost, late and repeated events change nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ledger import Record
from seen import Attempt, Deployment, Facts, Named, Service

LATE = timedelta(minutes=30)
EXPLAINABLE = timedelta(hours=1)
SETTLED = timedelta(minutes=10)
"""How long a complete deployment may be without a running task: two schedules, while a task restarts."""
NO_SERVICE = "There is no such ECS service."
NO_TASK_WANTED = "The service's desired count is 0."
NO_TASK_RUNS = "The deployment is complete, but none of its tasks runs."
NOT_COMPLETE = "The deployment isn't complete after 30 minutes."
OWN_REASONS = (NO_SERVICE, NO_TASK_WANTED, NO_TASK_RUNS, NOT_COMPLETE)
"""The reasons that aren't in ECS's words."""
NOTHING_TO_EXPLAIN = {NO_SERVICE, NO_TASK_WANTED}
"""The reasons that no task's words explain further."""
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
OPEN = {"PENDING", "IN_PROGRESS", "STOP_REQUESTED"}
"""The statuses of service deployments that haven't ended."""


@dataclass(frozen=True)
class Decision:
    """The next step, and the reason for it.

    `action` is "nothing", "write" (the record), "explain" (add how the last task failed, then write what is new), or
    "deploy" (deploy the record's image, then write the record with the deployment's id).
    """

    action: str
    why: str
    record: Record | None = None


def decide(facts: Facts) -> Decision:
    """The next step, from these facts."""
    named, last, service = facts.named, facts.last, facts.service
    if not named:
        return Decision("nothing", "The parameter doesn't exist: nothing is recorded yet.")
    known = last if last and (last.image, last.version) == (named.image, named.version) else None
    if not service:
        return recorded(last, known, Record("not-healthy", named.image, named.version, reason=NO_SERVICE))
    record = Record("deploying", named.image, named.version, running(service, last))
    if not is_tried(known) and not is_begun(named, service):
        return Decision("deploy", "The service doesn't deploy the image, and this version wasn't tried.", record)
    if service.primary.image == named.image:
        found = of_its_own(replace(record, deployment=service.primary.id), known, service, facts)
    else:
        found = of_another(replace(record, deployment=known and known.deployment), known, service, named, facts)
    return recorded(last, known, found, is_fresh(facts))


def is_fresh(facts: Facts) -> bool:
    """Whether the last record is so new that ECS may still list the task that explains it."""
    # assumes: stopped-tasks-listed
    return facts.recorded is not None and facts.now - facts.recorded <= EXPLAINABLE


def running(service: Service, last: Record | None) -> str | None:
    """The image of a complete deployment with tasks, or the one that ran at the last look and still has tasks."""
    for each in sorted(service.deployments, key=lambda each: not each.is_primary):
        if each.running and is_complete(each, service):
            return each.image
    kept = {each.image for each in service.deployments if each.running and each.state != "FAILED"}
    return last.running if last and last.running in kept else None


def is_complete(deployment: Deployment, service: Service) -> bool:
    """Whether the deployment has started all of its tasks, and they are healthy."""
    if deployment.state:
        return deployment.state == "COMPLETED"
    return len(service.deployments) == 1 and deployment.running == service.wanted


def is_late(deployment: Deployment | Attempt, now: datetime) -> bool:
    """Whether the deployment should have ended by now."""
    return now - deployment.created > LATE


def is_tried(known: Record | None) -> bool:
    """Whether the ledger says that this version was deployed. A service that wasn't there is no attempt."""
    return known is not None and known.reason != NO_SERVICE


def is_begun(named: Named, service: Service) -> bool:
    """Whether ECS has a deployment for this version, whatever the ledger says: a run may end before it writes there."""
    primary = service.primary
    if primary.image == named.image and not (primary.state == "FAILED" and primary.created < named.since):
        return True
    listed = any(each.image == named.image and each.created >= named.since for each in service.deployments)
    return listed or any(each.is_of_named and each.created >= named.since for each in service.attempts)


def is_outdated(facts: Facts, service: Service) -> bool:
    """Whether ECS may still describe the service as it was before the deployment that the last record is about."""
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html: "eventual consistency model"
    last, recorded, newest = facts.last, facts.recorded, service.newest_of_named
    if not (last and recorded and last.deployment):
        return False
    if last.state == "changed" or (last.state == "not-healthy" and cause(last.reason) == "ECS"):
        return False
    is_listed = any(each.id == last.deployment for each in service.deployments)
    own = newest if newest and facts.named and newest.created >= facts.named.since else None
    is_overtaken = own is not None and any(each.created > own.created for each in service.attempts)
    is_newer = service.primary.created > recorded
    return not (is_listed or is_overtaken or is_newer) and facts.now - recorded <= LATE


def of_its_own(record: Record, known: Record | None, service: Service, facts: Facts) -> Record | None:
    """The record if the service's primary deployment has the image. None while nothing is decided."""
    primary, now = service.primary, facts.now
    if is_outdated(facts, service):
        return None
    if primary.state == "FAILED":
        return replace(record, state="not-healthy", reason=primary.reason or "ECS gave the deployment up.")
    if (last := facts.last) and (last.state, last.image, last.deployment) == ("running", record.image, primary.id):
        return replace(record, state="running", running=record.image)  # what happens to its tasks later is no verdict
    if service.wanted == 0:
        return replace(record, state="not-healthy", reason=NO_TASK_WANTED)
    is_alone = all(each.image == primary.image for each in service.deployments if each.running)
    if record.running == primary.image and is_alone:
        # If the same image is deployed again, its older tasks run meanwhile.
        is_known = known is not None and known.state == "running"
        if is_complete(primary, service) or (is_late(primary, now) and not is_known):
            return replace(record, state="running")
        return None if is_tried(known) else record
    is_empty = is_complete(primary, service) and not primary.running
    if is_empty and (now - primary.updated > SETTLED or is_late(primary, now)):
        return replace(record, state="not-healthy", reason=NO_TASK_RUNS)
    if is_late(primary, now):
        return replace(record, state="not-healthy", reason=f"{NOT_COMPLETE} {service.trouble}".strip())
    return None if is_tried(known) else record


def of_another(record: Record, known: Record | None, service: Service, named: Named, facts: Facts) -> Record | None:
    """The record if the service's primary deployment has another image. None while nothing is decided."""
    if reason := given_up(known, service, named, facts):
        return replace(record, state="not-healthy", reason=reason)
    primary, newest, now = service.primary, service.newest_of_named, facts.now
    # ECS may list a deployment that has just ended as one that goes on.
    is_open = newest is not None and newest.status in OPEN and not is_late(newest, now)
    is_settled = primary.state == "FAILED" or is_complete(primary, service) or is_late(primary, now)
    if is_settled and not is_open and not is_outdated(facts, service):
        return replace(record, state="changed")
    return None if is_tried(known) else record


def given_up(known: Record | None, service: Service, named: Named, facts: Facts) -> str:
    """ECS's words if it gave the image's deployment up. Empty if it didn't, as far as is known."""
    for each in service.deployments:
        is_ours = each.id == known.deployment if known and known.deployment else each.created >= named.since
        if is_ours and each.image == named.image and each.state == "FAILED":
            return each.reason or "ECS gave the deployment up."
    last = service.newest_of_named
    if last and last.created < named.since and is_outdated(facts, service):
        last = None  # this version's own deployment may not be shown yet
    # A deployment that another one overtook is stopped as well: that is a change by hand.
    # assumes: service-deployments-list
    is_last = last is not None and all(each.created <= last.created for each in service.attempts)
    if last and (last.status.startswith("ROLLBACK_") or (last.status == "STOPPED" and is_last)):
        return last.reason or f"The service deployment ended as {last.status}."
    if known and known.state == "not-healthy" and cause(known.reason) == "ECS":
        return known.reason or ""
    return ""


def cause(reason: str | None) -> str:
    """One of the own reasons, or "ECS" for a reason in ECS's words."""
    return next((each for each in OWN_REASONS if (reason or "").startswith(each)), "ECS")


def recorded(last: Record | None, known: Record | None, found: Record | None, can_retry: bool = False) -> Decision:
    """Writes the record if it differs from the last one. A failure keeps the explanation that it has.

    An explanation that lacks the exit code or the lines is looked up again while `can_retry`.
    """
    if not found:
        return Decision("nothing", "The deployment isn't decided yet.")
    is_same = False
    if found.state == "not-healthy" and known and known.state == "not-healthy":
        is_same = (known.deployment, cause(known.reason)) == (found.deployment, cause(found.reason))
    if known and is_same:
        found = replace(known, running=found.running)
    is_explained = is_same and bool((found.exit_code and found.lines) or not can_retry)
    needs_words = found.state == "not-healthy" and not is_explained and found.reason not in NOTHING_TO_EXPLAIN
    if found == last and not needs_words:
        return Decision("nothing", f"The record already says {found.state}.")
    return Decision("explain" if needs_words else "write", f"The deployment is {found.state}.", found)
