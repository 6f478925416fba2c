"""The recording as a whole: whatever happens in whatever order, at rest the parameter names what it should.

Builds end in any order or never. Triggers come late, again or not at all. A run stops halfway, or its request takes
long. Operators put back what they like. All of it is walked through at random, and after each step a trigger comes
in a copy of it until it rests.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

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

from core import images
from core.images import LATEST, Tags, Version

REPOSITORY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/jwt-pizza-service"
NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
# In upload order; the ids at their ends, which decide nothing, are not.
TAGS = [
    "build-20261120T101530Z-6B-9999aaaa",
    "build-20261120T101530Z-6B01-1111aaaa",
    "build-20261120T101530Z-6C-8888aaaa",
    "build-20261120T101531Z-6A00FF-2222aaaa",
]
NEVER_RECORDED = ["build-nightly", "build-20261120T101600Z-6b-FFFFFFFF", "build-20271120T101530Z-6B-0123abcd", "v1"]


def digest(tag: str) -> str:
    return f"sha256:digest-of-{tag}"


def uri(tag: str) -> str:
    return f"{REPOSITORY}@{digest(tag)}"


ELSEWHERE = ["nginx:latest", f"other.example/mirror@{digest(TAGS[0])}", f"{REPOSITORY}:{TAGS[0]}"]


@dataclass
class Account:
    """The repository, the parameter, and the requests for it that are under way."""

    tagged: dict[str, str] = field(default_factory=dict)
    history: list[Version] = field(default_factory=list)
    under_way: list[Version] = field(default_factory=list)
    runs: int = 0
    # What the promises are about: the newest upload ever recorded, and whether the parameter names an older one only
    # because RecordImage's request for it landed late.
    recorded: str = ""
    put_back: bool = False

    def copy(self) -> "Account":
        return replace(self, tagged=self.tagged.copy(), history=self.history.copy(), under_way=self.under_way.copy())

    @property
    def newest(self) -> str:
        return max((tag for tag in TAGS if tag in self.tagged), default="")

    @property
    def value(self) -> str:
        return self.history[-1].value if self.history else ""

    @property
    def is_due(self) -> bool:
        """Whether the newest image is to be recorded, now or again."""
        return self.newest > self.recorded or self.put_back

    def decide(self) -> Version | None:
        """RecordImage runs up to its request: `latest` moves."""
        self.runs += 1
        tags = Tags.classified(self.tagged, NOW)
        decision = images.decide(self.tagged, tags.builds, self.history, REPOSITORY)
        if decision.latest and decision.latest in self.tagged.values():
            self.tagged[LATEST] = decision.latest
        if decision.record is None:
            return None
        assert self.is_due, "What was recorded stays, and so does what was put by hand since."
        assert decision.record == self.newest, "The newest image is recorded."
        return Version(uri(decision.record), f"{decision.record} {self.runs:032x}")

    def land(self, request: Version) -> None:
        """A request of RecordImage reaches the parameter, now or late."""
        tag = request.description.split()[0]
        self.history.append(request)
        self.put_back = tag < self.recorded
        self.recorded = max(self.recorded, tag)

    def put_by_hand(self, version: Version) -> None:
        self.history.append(version)
        self.put_back = False

    def trigger(self) -> None:
        request = self.decide()
        if request:
            self.land(request)


class Recording(RuleBasedStateMachine):
    """What may happen to the account, and what holds."""

    def __init__(self) -> None:
        super().__init__()
        self.account = Account()

    @initialize(tags=st.lists(st.sampled_from(TAGS), max_size=2, unique=True))
    def some_images_were_recorded_by_a_second_request(self, tags: list[str]) -> None:
        """Walks that begin here get to the seldom cases sooner."""
        for tag in tags:
            self.account.tagged[tag] = digest(tag)
            if self.account.is_due:
                self.a_request_stays_under_way()
                self.account.trigger()

    @precondition(lambda self: not set(TAGS) <= self.account.tagged.keys())
    @rule(data=st.data())
    def a_build_ends(self, data: st.DataObject) -> None:
        tag = data.draw(st.sampled_from([tag for tag in TAGS if tag not in self.account.tagged]))
        self.account.tagged[tag] = digest(tag)

    @rule()
    def a_trigger_comes(self) -> None:
        self.account.trigger()

    @precondition(lambda self: self.account.is_due)
    @rule()
    def a_run_stops_after_latest_has_moved(self) -> None:
        self.account.decide()

    @precondition(lambda self: self.account.is_due)
    @rule()
    def a_request_stays_under_way(self) -> None:
        request = self.account.decide()
        assert request
        self.account.under_way.append(request)

    @precondition(lambda self: self.account.under_way)
    @rule(data=st.data())
    def a_request_lands_late(self, data: st.DataObject) -> None:
        request = data.draw(st.sampled_from(self.account.under_way))
        self.account.under_way.remove(request)
        self.account.land(request)

    @precondition(lambda self: self.account.history)
    @rule(data=st.data())
    def an_operator_rolls_back(self, data: st.DataObject) -> None:
        """To anything that was there, its Description cleared, kept, copied from any version, or in other words."""
        versions = self.account.history[::-1]
        value = data.draw(st.sampled_from([version.value for version in versions]))
        description = data.draw(st.sampled_from(["", "by hand", *(version.description for version in versions)]))
        self.account.put_by_hand(Version(value, description))

    @rule(value=st.sampled_from(ELSEWHERE))
    def an_operator_puts_something_else(self, value: str) -> None:
        self.account.put_by_hand(Version(value, "by hand"))

    @rule(tag=st.sampled_from([*TAGS, *NEVER_RECORDED]))
    def somebody_moves_latest(self, tag: str) -> None:
        """To an image of ours or to one that they push."""
        if tag not in TAGS:
            self.account.tagged[tag] = digest(tag)
        if tag in self.account.tagged:
            self.account.tagged[LATEST] = digest(tag)

    @invariant()
    def it_comes_to_rest(self) -> None:
        before, account = self.account, self.account.copy()
        account.trigger()
        assert account.value == (uri(before.newest) if before.is_due else before.value), (
            "The parameter names what it should."
        )
        place, _, named = account.value.partition("@")
        ours = place == REPOSITORY and named in account.tagged.values()
        assert account.tagged.get(LATEST) == (named if ours else before.tagged.get(LATEST)), "`latest` goes with it."
        rested = account.copy()
        account.trigger()
        assert (account.tagged, account.history) == (rested.tagged, rested.history), (
            "At rest a trigger changes nothing."
        )


def test_at_rest_the_parameter_names_what_it_should_whatever_has_happened() -> None:
    run_state_machine_as_test(Recording, settings=settings(max_examples=300, stateful_step_count=30))
