"""The follower as a whole: whatever happens in whatever order, at rest its record is true.

Events are lost, late, doubled and reordered. Runs end between two requests, or AWS refuses one, or ECS describes the
service as it was a minute ago. People roll back, change the service, scale it, delete it and make it again. All of it
is walked through at random, and after each step, the schedule runs in a copy of it until it rests.
"""

import io
from collections import Counter
from contextlib import redirect_stdout
from copy import deepcopy
from datetime import timedelta
from types import ModuleType

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.examples.support.cloud import LEDGER, PARAMETER, Cloud, Crash
from tests.examples.support.ecs import CLUSTER, CONTAINER, SERVICE
from tests.examples.support.happenings import HEALTH, IMAGES, Happenings, counted
from tests.examples.support.loading import loaded
from tests.examples.support.truth import check_outdated, check_record, check_statuses

REQUESTS = ["get_parameter", "describe_services", "update_service", "register_task_definition", "put_parameter"]
REQUESTS += ["list_service_deployments", "describe_service_revisions", "list_tasks", "describe_tasks"]
MOST_SECONDS_BEHIND = 60
"""How old ECS's answers may be."""


class Following(Happenings):
    """The function's runs, and what holds."""

    follow: ModuleType

    def __init__(self) -> None:
        super().__init__()
        self.tries: Counter[tuple[object, ...]] = Counter()

    @rule()
    def ninety_days_pass_at_rest(self) -> None:
        """ECS no longer lists the older service deployments, and no task that stopped."""
        self.come_to_rest(self.cloud)
        self.cloud.clock.passes(days=90)
        self.cloud.ecs.forgotten = self.cloud.clock.now
        self.cloud.ecs.tasks.clear()
        self.happened("fault: the history forgotten")

    # --- Events and runs ----------------------------------------------------------------------------------------------

    def look(self, cloud: Cloud) -> None:
        """The function runs. Counts which version it deployed to which service."""
        service, named = cloud.ecs.service, cloud.ssm.parameters.get(PARAMETER, [{}])[-1]
        before = len(service.history) if service else 0
        try:
            with redirect_stdout(io.StringIO()):
                place = self.follow.Place(CLUSTER, SERVICE, CONTAINER, PARAMETER, LEDGER)
                self.follow.follow(cloud.client, place, cloud.clock.now)
        finally:
            begun = len(service.history) - before if service else 0
            self.tries[service and service.created, named.get("Value"), named.get("LastModifiedDate")] += begun
        cloud.clock.passes(seconds=1)

    @precondition(lambda self: self.pending)
    @rule(data=st.data())
    def an_event_comes(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.pending) - 1))
        counted["step: an event"] += 1
        counted["fault: reordered"] += number > 0
        counted["fault: late"] += len(self.pending) - number > 3
        self.pending.pop(number)
        self.look(self.cloud)

    @precondition(lambda self: self.pending)
    @rule()
    def an_event_is_lost(self) -> None:
        self.pending.pop()
        counted["step: an event is lost"] += 1
        counted["fault: lost"] += 1

    @precondition(lambda self: self.pending)
    @rule()
    def an_event_comes_twice(self) -> None:
        self.pending.pop()
        counted["step: an event comes twice"] += 1
        counted["fault: doubled"] += 1
        self.look(self.cloud)
        self.look(self.cloud)

    @precondition(lambda self: self.uploads < len(IMAGES))
    @rule(health=st.sampled_from(["healthy", *HEALTH]))
    def an_upload_is_deployed_by_a_run_that_ends_before_its_record(self, health: str) -> None:
        self.upload(health)
        self.end_early(("update_service", True))

    @rule(seconds=st.integers(1, MOST_SECONDS_BEHIND))
    def ecs_describes_the_service_as_it_was_before(self, seconds: int) -> None:
        self.look(self.cloud)
        before, ecs = self.cloud.ledger(), self.cloud.ecs
        ecs.lag = timedelta(seconds=seconds)
        counted["step: a run"] += 1
        counted["fault: outdated"] += ecs.seen is not ecs.service
        self.look(self.cloud)
        if self.cloud.ledger() != before:
            check_outdated(self.cloud, *(self.follow.ledger.read(each) for each in self.cloud.ledger()[-2:]))
        ecs.lag = timedelta(0)

    @rule(operation=st.sampled_from(REQUESTS), is_done=st.booleans())
    def a_run_ends_early(self, operation: str, is_done: bool) -> None:
        self.end_early((operation, is_done))

    def end_early(self, request: tuple[str, bool]) -> None:
        """Ends a run before it sends a request, or after AWS did what it asks for."""
        self.cloud.crash_at = request
        counted["step: a run"] += 1
        try:
            self.look(self.cloud)
        except Crash:
            counted["fault: crash"] += 1
        self.cloud.crash_at = None

    @rule(operation=st.sampled_from([*REQUESTS, ""]))
    def aws_refuses_or_does_not_answer(self, operation: str) -> None:
        self.cloud.refused = {operation: "AccessDeniedException"} if operation else {}
        self.cloud.is_answering = bool(operation)
        counted["step: a run"] += 1
        try:
            self.look(self.cloud)
        except (ClientError, BotoCoreError):
            counted["fault: refused" if operation else "fault: no answer"] += 1
        self.cloud.refused, self.cloud.is_answering = {}, True

    # --- What holds ---------------------------------------------------------------------------------------------------

    @invariant()
    def a_version_is_deployed_at_most_once_to_a_service(self) -> None:
        assert max(self.tries.values(), default=0) <= 1, "The same image isn't deployed twice for one version."

    @invariant()
    def at_rest_the_record_is_true(self) -> None:
        if not self.cloud.ssm.parameters.get(PARAMETER):
            return
        cloud, tries = deepcopy(self.cloud), self.tries.copy()
        self.come_to_rest(cloud)
        before = cloud.ledger()
        self.look(cloud)
        assert cloud.ledger() == before, "At rest, a look changes nothing."
        self.a_version_is_deployed_at_most_once_to_a_service()
        records = [self.follow.ledger.read(each) for each in cloud.ledger()[1:]]
        check_record(cloud, records)
        check_statuses(cloud)
        self.tries = tries

    def come_to_rest(self, cloud: Cloud) -> None:
        """ECS works and the schedule runs until nothing changes any more."""
        for _ in range(4):
            for _ in range(8):
                cloud.clock.passes(seconds=20)
                cloud.ecs.work()
            self.look(cloud)
            cloud.clock.passes(minutes=31)


def test_at_rest_the_record_is_true_whatever_has_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    Following.follow = loaded(monkeypatch, "follow", "auto_deploy")
    counted.clear()

    run_state_machine_as_test(
        Following, settings=settings(max_examples=2 * settings().max_examples, stateful_step_count=50)
    )

    steps = sum(number for name, number in counted.items() if name.startswith("step"))
    print(f"{steps} steps", *(f"{name}: {number}" for name, number in sorted(counted.items())), sep="\n")  # noqa: T201
    assert steps >= 50 * settings().max_examples
