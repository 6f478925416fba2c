"""The follower as a whole: whatever happens in whatever order, at rest its record is true.

Events are lost, late, doubled and reordered. Runs end between two requests, or AWS refuses one. People roll back,
change the service, scale it, delete it and make it again. All of it is walked through at random, and after each step,
the schedule runs in a copy of it until it rests.
"""

import io
from collections import Counter
from contextlib import redirect_stdout
from copy import deepcopy
from types import ModuleType

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.notifying import deployments
from core.recording import next_image
from core.recording.next_image import Version
from tests.examples.support.cloud import LEDGER, PARAMETER, Cloud, Crash, uri
from tests.examples.support.ecs import CLUSTER, CONTAINER, OUT_OF_MEMORY, SERVICE, Deployment
from tests.examples.support.loading import loaded

IMAGES = "123456789abcdef"
HEALTH = {"unhealthy": ("Task failed container health checks", 137), "out of memory": (OUT_OF_MEMORY, 137)}
DEFINITION = {"family": "app", "containerDefinitions": [{"name": "sidecar", "image": "sidecar:1"}]}
REQUESTS = ["get_parameter", "describe_services", "update_service", "register_task_definition", "put_parameter"]
REQUESTS += ["list_service_deployments", "describe_service_revisions", "list_tasks", "describe_tasks"]
counted: Counter[str] = Counter()
"""The steps, and the faults among them."""


class Following(RuleBasedStateMachine):
    """What may happen to a service that follows a parameter, and what holds."""

    follow: ModuleType

    def __init__(self) -> None:
        super().__init__()
        self.cloud = Cloud()
        self.pending: list[str] = []
        self.uploads = 0
        self.tries: Counter[tuple[object, ...]] = Counter()
        self.services = 0

    # --- What happens at first ----------------------------------------------------------------------------------------

    @initialize(breaker=st.sampled_from(["none", "stops", "rolls back"]), data=st.data())
    def a_service_runs_its_first_image(self, breaker: str, data: st.DataObject) -> None:
        ecs = self.cloud.ecs
        ecs.reuses_ids, ecs.keeps_failed = data.draw(st.booleans()), data.draw(st.booleans())
        ecs.rolls_back = breaker == "rolls back"
        self.make("0")
        assert ecs.service
        ecs.service.has_breaker = breaker != "none"
        for _ in range(2):
            ecs.work()
        self.cloud.ssm.put(LEDGER, '{"state": "new"}')

    def make(self, image: str) -> None:
        container = {"name": CONTAINER, "image": uri(image)}
        self.cloud.ecs.create(DEFINITION | {"containerDefinitions": [*DEFINITION["containerDefinitions"], container]})
        self.services += 1

    def happened(self, name: str) -> None:
        self.pending.append(name)
        counted[f"step: {name}"] += 1

    # --- Uploads and people -------------------------------------------------------------------------------------------

    @precondition(lambda self: self.uploads < len(IMAGES))
    @rule(health=st.sampled_from(["healthy", "healthy", *HEALTH]))
    def an_upload_is_recorded(self, health: str) -> None:
        image = uri(IMAGES[self.uploads])
        self.uploads += 1
        if health in HEALTH:
            self.cloud.ecs.health[image] = HEALTH[health]
            counted[f"fault: {health}"] += 1
        self.cloud.clock.passes(seconds=7)
        tag = f"build-20261120T12{self.uploads:02}00Z-6B-0123abcd"
        self.cloud.record(image, f"{tag} {self.uploads:032x}")
        self.happened("upload")

    @precondition(lambda self: self.cloud.ssm.parameters.get(PARAMETER))
    @rule(data=st.data())
    def somebody_puts_an_image_into_the_parameter(self, data: st.DataObject) -> None:
        """A rollback, a forward, or the same image again."""
        values = sorted({each["Value"] for each in self.cloud.ssm.parameters[PARAMETER]})
        self.cloud.clock.passes(seconds=7)
        self.cloud.record(data.draw(st.sampled_from(values)), "by hand")
        self.happened("rollback or forward")

    @precondition(lambda self: self.cloud.ecs.service)
    @rule(data=st.data())
    def somebody_changes_the_service_s_image(self, data: st.DataObject) -> None:
        image = data.draw(st.sampled_from(["0", *IMAGES[: self.uploads]]))
        container = {"name": CONTAINER, "image": uri(image)}
        made = self.cloud.ecs.register_task_definition(**DEFINITION | {"containerDefinitions": [container]})
        self.cloud.clock.passes(seconds=3)
        self.cloud.ecs.begin(made["taskDefinition"]["taskDefinitionArn"])
        self.happened("fault: a change by hand")

    @precondition(lambda self: self.cloud.ecs.service)
    @rule()
    def somebody_deploys_the_same_again(self) -> None:
        assert self.cloud.ecs.service
        self.cloud.clock.passes(seconds=3)
        self.cloud.ecs.begin(self.cloud.ecs.service.primary.definition)
        self.happened("fault: a new deployment by hand")

    @precondition(lambda self: self.cloud.ecs.service)
    @rule(wanted=st.integers(0, 2))
    def somebody_scales_the_service(self, wanted: int) -> None:
        assert self.cloud.ecs.service
        self.cloud.ecs.service.wanted = wanted
        self.happened("fault: scaled to zero" if wanted == 0 else "scaled")

    @precondition(lambda self: self.cloud.ecs.service)
    @rule(with_cluster=st.booleans())
    def somebody_deletes_the_service(self, with_cluster: bool) -> None:
        self.cloud.ecs.service, self.cloud.ecs.has_cluster = None, not with_cluster
        self.happened("fault: the service deleted")

    @precondition(lambda self: not self.cloud.ecs.service)
    @rule(data=st.data())
    def somebody_makes_the_service_again(self, data: st.DataObject) -> None:
        self.cloud.ecs.has_cluster = True
        self.cloud.clock.passes(seconds=3)
        self.make(data.draw(st.sampled_from(["0", *IMAGES[: self.uploads]])))
        self.happened("made again")

    @rule()
    def the_cluster_gets_or_loses_its_room(self) -> None:
        self.cloud.ecs.has_room = not self.cloud.ecs.has_room
        self.happened("room again" if self.cloud.ecs.has_room else "fault: no room")

    @precondition(lambda self: self.uploads > 2)
    @rule()
    def somebody_deletes_the_parameter(self) -> None:
        self.cloud.ssm.delete(PARAMETER)
        self.happened("fault: the parameter deleted")

    # --- ECS and the time ---------------------------------------------------------------------------------------------

    @rule(steps=st.integers(1, 6))
    def ecs_works(self, steps: int) -> None:
        for _ in range(steps):
            self.cloud.clock.passes(seconds=20)
            self.cloud.ecs.work()
        self.happened("ECS works")

    @rule(minutes=st.sampled_from([1, 6, 31]))
    def time_passes(self, minutes: int) -> None:
        self.cloud.clock.passes(minutes=minutes)
        self.happened("time")

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

    @rule(operation=st.sampled_from(REQUESTS), is_done=st.booleans())
    def a_run_ends_early(self, operation: str, is_done: bool) -> None:
        """Before a request is sent, or after AWS did what it asks for."""
        self.cloud.crash_at = (operation, is_done)
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
        cloud, tries = deepcopy(self.cloud), self.tries
        self.tries = tries.copy()
        for _ in range(3):
            for _ in range(8):
                cloud.clock.passes(seconds=20)
                cloud.ecs.work()
            self.look(cloud)
            cloud.clock.passes(minutes=31)
        self.look(cloud)
        before = cloud.ledger()
        self.look(cloud)
        assert cloud.ledger() == before, "At rest, a look changes nothing."
        assert max(self.tries.values()) <= 1, "The same image isn't deployed twice for one version."
        self.is_true(cloud)
        check_statuses(cloud)
        self.tries = tries

    def is_true(self, cloud: Cloud) -> None:
        """Compares the record with the service."""
        named = cloud.ssm.parameters[PARAMETER][-1]
        tries = sum(
            number for key, number in self.tries.items() if key[1:] == (named["Value"], named["LastModifiedDate"])
        )
        records = [self.follow.ledger.read(each) for each in cloud.ledger()[1:]]
        record = records[-1]
        versions = [(each.image, each.version) for each in records if each.deployment]
        is_known = (named["Value"], named["Version"]) in versions  # it was deployed already when the parameter named it
        assert (record.image, record.version) == (named["Value"], named["Version"]), "The record is about the newest."
        service, image = cloud.ecs.service, named["Value"]
        assert record.running in images_that_run(cloud), "The record names what runs."
        begun = [each for each in (service.history if service else []) if each.created >= named["LastModifiedDate"]]
        ours = next((each for each in begun if cloud.ecs.image(each) == image), None)
        deploys = service is not None and cloud.ecs.image(service.primary) == image
        runs = service is not None and deploys and is_running(service.primary) and service.wanted > 0
        if service and not runs and record.reason != "The service's desired count is 0.":
            is_new = service.created > named["LastModifiedDate"]
            assert ours or tries or is_known or (deploys and (is_new or service.primary.state != "FAILED")), (
                "It is tried."
            )
        match record.state:
            case "running":
                assert runs
            case "not-healthy":
                assert not runs
                assert (
                    not service or deploys or ours in cloud.ecs.given_up or service.created > named["LastModifiedDate"]
                )
            case "changed":
                assert service
                assert not deploys
                assert ours not in cloud.ecs.given_up
                assert ours or tries or is_known, "It was deployed before somebody changed the service."
            case state:
                pytest.fail(f"{state} is no verdict")


def check_statuses(cloud: Cloud) -> None:
    """What RecordImage says about each recorded upload."""
    history = [Version(each["Value"], each["Description"]) for each in cloud.ssm.parameters[PARAMETER]]
    statuses = deployments.decide(history, deployments.read(cloud.ledger())).statuses
    running = images_that_run(cloud)

    assert statuses.keys() == next_image.recorded(history).keys(), "No upload stays `recorded`."
    for status in statuses.values():
        assert (status.name == "running") == (status.image_uri in running), status
        if status.name == "not-healthy":
            assert status.reason, "It says why."
        if status.image_uri == history[-1].value and cloud.ecs.service and status.name in {"replaced", "rolled-back"}:
            assert cloud.ecs.image(cloud.ecs.service.primary) != status.image_uri, "Somebody chose another image."


def is_running(deployment: Deployment) -> bool:
    """Whether the deployment is complete and has tasks."""
    return deployment.state == "COMPLETED" and deployment.running > 0


def images_that_run(cloud: Cloud) -> set[str | None]:
    """The images of healthy tasks. None if there is none."""
    service = cloud.ecs.service
    healthy = [each for each in (service.deployments if service else []) if is_running(each)]
    going_back = [each for each in (service.deployments if service else []) if each.rolls_back and each.running]
    return {cloud.ecs.image(each) for each in healthy + going_back} or {None}


def test_at_rest_the_record_is_true_whatever_has_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    Following.follow = loaded(monkeypatch, "follow", "auto_deploy")
    counted.clear()

    run_state_machine_as_test(
        Following, settings=settings(max_examples=2 * settings().max_examples, stateful_step_count=50)
    )

    steps = sum(number for name, number in counted.items() if name.startswith("step"))
    print(f"{steps} steps", *(f"{name}: {number}" for name, number in sorted(counted.items())), sep="\n")  # noqa: T201
    assert steps >= 50 * settings().max_examples
