"""An upload, what happens to it while it is followed, and what its follower tells."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from ship.aws.cloudformation import Stack
from ship.aws.s3 import State
from ship.outcomes import RECORDED
from ship.problem import Problem
from ship.uploads.happenings import Ended, Happening, Line, Note
from tests.unit.ship.support.world import STACK, World, tag_of

URI = f"{STACK.repository_uri}@sha256:{'a' * 64}"
NO_ROOM = "no-room: CodeBuild takes no more builds now."


@dataclass
class Story:
    """An upload, what happens to it while it is followed, and what its follower tells."""

    world: World

    def __post_init__(self) -> None:
        self.upload = self.world.upload()

    def says(self, status: str, reason: str = "") -> None:
        """Has the upload carry a status."""
        self.world.says(self.upload, status, reason, URI if status in RECORDED else "")

    def builds(self, **more: Any) -> None:
        """Has the newest build be one of the upload."""
        self.world.builds_it(self.upload, **more)

    def goes(self, *steps: Callable[[], object]) -> None:
        """Has these steps happen, and then the upload be recorded."""
        self.world.steps = [*steps, lambda: self.says("recorded")]

    def drags(self, looks: int = 10_000) -> None:
        """Has nothing happen for so many looks."""
        self.world.steps = [nothing] * looks

    def tells(self, stack: Stack = STACK) -> list[Happening]:
        """Everything that the follower reports."""
        return self.world.follow(self.upload, stack)

    def lines(self) -> list[str]:
        """The lines of the build that are told."""
        return [each.text for each in self.tells() if isinstance(each, Line)]

    def notes(self) -> list[str]:
        """The notes that are told before the upload is recorded."""
        *told, end = self.tells()
        assert end == self.recorded
        return [each.text for each in told if isinstance(each, Note)]

    def gives_up(self, words: str, stack: Stack = STACK, **how: Any) -> tuple[Problem, list[Happening]]:
        """The reports before following ends with a problem in these words."""
        told: list[Happening] = []
        with pytest.raises(Problem, match=words) as problem:
            told.extend(replace(self.world.follower(self.upload, stack), **how).follow())
        return problem.value, told

    @property
    def recorded(self) -> Ended:
        """The end of the upload if it is recorded."""
        return Ended(State(self.upload, "recorded", tag_of(self.upload), "", URI))


def nothing() -> None:
    """A step in which nothing happens."""


def phase(name: str, seconds: int, status: str = "SUCCEEDED") -> dict[str, object]:
    """A phase that has ended."""
    return {"phaseType": name, "phaseStatus": status, "durationInSeconds": seconds}
