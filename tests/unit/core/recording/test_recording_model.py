"""The recording as a whole: whatever happens in whatever order, at rest the parameter names what it should.

Builds end in any order or never. Triggers come late, again or not at all. A run stops halfway, its request takes long,
or SSM refuses it. Operators put back what they like, with or without a pin. The lifecycle policy expires what it may.
All of it is walked through at random, and after each step a trigger comes in a copy of it until it rests.
"""

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

from core.recording.next_image import LATEST, Version
from tests.unit.core.recording.support.account import ELSEWHERE, NEVER_RECORDED, TAGS, Account, digest, uri


class Recording(RuleBasedStateMachine):
    """What may happen to this account, and what holds."""

    def __init__(self) -> None:
        super().__init__()
        self.account = Account()
        self.ended: set[str] = set()

    @initialize(tags=st.lists(st.sampled_from(TAGS), max_size=2, unique=True))
    def some_images_were_recorded_by_a_second_request(self, tags: list[str]) -> None:
        """Walks that begin here get to the seldom cases sooner."""
        for tag in tags:
            self.end_build(tag)
            if self.account.is_due:
                self.a_request_stays_under_way()
                self.account.trigger()

    def end_build(self, tag: str) -> None:
        self.ended.add(tag)
        self.account.push(tag)

    @precondition(lambda self: not set(TAGS) <= self.ended)
    @rule(data=st.data())
    def a_build_ends(self, data: st.DataObject) -> None:
        self.end_build(data.draw(st.sampled_from([tag for tag in TAGS if tag not in self.ended])))

    @rule()
    def a_trigger_comes(self) -> None:
        self.account.trigger()

    @rule()
    def the_write_is_refused(self) -> None:
        self.account.request()
        self.account.protect()

    @precondition(lambda self: self.account.is_due)
    @rule(landed=st.booleans())
    def a_run_stops_after_its_request(self, landed: bool) -> None:
        request = self.account.request()
        assert request
        if landed:
            self.account.land(request)

    @rule()
    def a_run_stops_after_latest_has_moved(self) -> None:
        request = self.account.request()
        if request:
            self.account.land(request)
        self.account.protect(whole=False)

    @precondition(lambda self: self.account.is_due)
    @rule()
    def a_request_stays_under_way(self) -> None:
        request = self.account.request()
        assert request
        self.account.under_way.append(request)

    @precondition(lambda self: self.account.under_way)
    @rule(data=st.data())
    def a_request_lands_late(self, data: st.DataObject) -> None:
        request = data.draw(st.sampled_from(self.account.under_way))
        self.account.under_way.remove(request)
        self.account.land(request)

    @precondition(lambda self: self.account.history)
    @rule(data=st.data(), pinned=st.booleans())
    def an_operator_rolls_back(self, data: st.DataObject, pinned: bool) -> None:
        """To anything that was there, its Description cleared, kept, copied from any version, or in other words."""
        versions = self.account.history[::-1]
        value = data.draw(st.sampled_from([version.value for version in versions]))
        description = data.draw(st.sampled_from(["", "by hand", *(version.description for version in versions)]))
        target = value.partition("@")[2]
        if pinned and target in self.account.tagged.values():
            self.account.tagged[f"keep-{target[-8:]}"] = target
        self.account.put_by_hand(Version(value, description))
        self.account.unpinned_rollback = not pinned

    @rule(value=st.sampled_from(ELSEWHERE))
    def an_operator_puts_something_else(self, value: str) -> None:
        self.account.put_by_hand(Version(value, "by hand"))

    @rule(tag=st.sampled_from(NEVER_RECORDED))
    def somebody_pushes_something_else(self, tag: str) -> None:
        if tag not in self.account.tagged:
            self.account.push(tag)

    @rule()
    def the_lifecycle_policy_runs(self) -> None:
        named, newest = self.account.named, self.account.newest
        due = self.account.is_due
        removed = self.account.expire()
        if not (self.account.put_back or self.account.unpinned_rollback):
            assert named not in removed, "What the parameter names never expires."
        assert not due or digest(newest) not in removed, "What is to be recorded next never expires."
        assert not removed & {digest(tag) for tag in NEVER_RECORDED}, "What others pushed never expires."

    @invariant()
    def only_what_is_over_is_settled(self) -> None:
        assert self.account.settled <= {tag for tag in TAGS if tag <= self.account.recorded}

    @invariant()
    def it_comes_to_rest(self) -> None:
        before, account = self.account, self.account.copy()
        account.trigger()
        assert account.value == (uri(before.newest) if before.is_due else before.value), (
            "The parameter names what it should."
        )
        expected = account.named or before.tagged.get(LATEST)
        assert account.tagged.get(LATEST) == expected, "`latest` goes with it."
        mark = account.put_back or account.recorded
        assert account.settled >= {tag for tag in TAGS if tag in account.tagged and tag <= mark}, (
            "What is over is settled."
        )
        rested = account.copy()
        account.trigger()
        assert (account.tagged, account.history) == (rested.tagged, rested.history), (
            "At rest a trigger changes nothing."
        )


def test_at_rest_the_parameter_names_what_it_should_and_never_an_expired_image_whatever_has_happened() -> None:
    run_state_machine_as_test(
        Recording, settings=settings(max_examples=4 * settings().max_examples, stateful_step_count=30)
    )
