"""What may happen to a service and to the parameter that it follows."""

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.examples.support.cloud import LEDGER, PARAMETER, Cloud, uri
from tests.examples.support.ecs import CONTAINER, OUT_OF_MEMORY

IMAGES = "123456789abcdef"
HEALTH = {"unhealthy": ("Task failed container health checks", 137), "out of memory": (OUT_OF_MEMORY, 137)}
DEFINITION = {"family": "app", "containerDefinitions": [{"name": "sidecar", "image": "sidecar:1"}]}
counted: Counter[str] = Counter()
"""The steps, and the faults among them."""


class Happenings(RuleBasedStateMachine):
    """Uploads, people, ECS and the time. `pending` are the events that haven't come."""

    def __init__(self) -> None:
        super().__init__()
        self.cloud = Cloud()
        self.pending: list[str] = []
        self.uploads = 0

    # --- What happens at first ----------------------------------------------------------------------------------------

    @initialize(breaker=st.sampled_from(["none", "stops", "rolls back"]), data=st.data())
    def a_service_runs_its_first_image(self, breaker: str, data: st.DataObject) -> None:
        ecs = self.cloud.ecs
        ecs.reuses_ids, ecs.keeps_failed = data.draw(st.booleans()), data.draw(st.booleans())
        ecs.rolls_back = breaker == "rolls back"
        self.make("0")
        assert ecs.service
        ecs.service.wanted = data.draw(st.integers(0, 2))
        ecs.service.has_breaker = breaker != "none"
        for _ in range(2):
            ecs.work()
        self.cloud.ssm.put(LEDGER, '{"state": "new"}')

    def make(self, image: str) -> None:
        container = {"name": CONTAINER, "image": uri(image)}
        self.cloud.ecs.create(DEFINITION | {"containerDefinitions": [*DEFINITION["containerDefinitions"], container]})

    def happened(self, name: str) -> None:
        self.pending.append(name)
        counted[f"step: {name}"] += 1

    # --- Uploads and people -------------------------------------------------------------------------------------------

    @precondition(lambda self: self.uploads < len(IMAGES))
    @rule(health=st.sampled_from(["healthy", "healthy", *HEALTH]))
    def an_upload_is_recorded(self, health: str) -> None:
        self.upload(health)

    def upload(self, health: str) -> None:
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
        made = self.cloud.ecs.register(DEFINITION | {"containerDefinitions": [container]})
        self.cloud.clock.passes(seconds=3)
        self.cloud.ecs.begin(made)
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
        self.scale(wanted)

    def scale(self, wanted: int) -> None:
        assert self.cloud.ecs.service
        self.cloud.ecs.service.wanted = wanted
        self.happened("fault: scaled to zero" if wanted == 0 else "scaled")

    @precondition(lambda self: self.cloud.ecs.service)
    @rule(wanted=st.integers(1, 2))
    def somebody_scales_to_zero_and_back(self, wanted: int) -> None:
        self.scale(0)
        for _ in range(3):
            self.cloud.clock.passes(seconds=20)
            self.cloud.ecs.work()
        self.scale(wanted)

    @precondition(lambda self: self.cloud.ecs.service)
    @rule(with_cluster=st.booleans())
    def somebody_deletes_the_service(self, with_cluster: bool) -> None:
        self.cloud.ecs.delete()
        self.cloud.ecs.has_cluster = not with_cluster
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

    @rule()
    def programs_begin_or_cease_to_end_again_and_again(self) -> None:
        self.cloud.ecs.restarts = not self.cloud.ecs.restarts
        self.happened("fault: restarts" if self.cloud.ecs.restarts else "no restarts")

    @precondition(lambda self: self.cloud.ssm.parameters.get(PARAMETER))
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
