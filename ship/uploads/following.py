"""Follows an upload on its way to an image, and with `Until.RUNNING` until ECS runs it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from botocore.exceptions import BotoCoreError, ClientError

from core.uploads import ObjectVersion
from ship.aws import s3
from ship.aws.access import Access
from ship.aws.cloudformation import Stack
from ship.aws.errors import is_passing, problem_of
from ship.aws.s3 import State
from ship.deployments.following import DeploymentFollower
from ship.outcomes import RECORDED, TIMED_OUT, is_over
from ship.problem import Problem
from ship.until import Until
from ship.uploads.build_following import BuildFollower
from ship.uploads.happenings import Ended, Happening, Note, Stage, Still
from ship.uploads.patience import FOLLOWED, Wait, wait_of

TO_BE_NOTICED = "waiting for S3 to report the upload"
PAUSE_SECONDS, LONG_PAUSE_SECONDS = 1.0, 5.0
"""The pause between two looks, and that after a minute in which nothing happened."""
QUIET_SECONDS, STILL_SECONDS = 60, 30
MOST_UNANSWERED = 20  # looks in a row, each already retried by the SDK
UNANSWERED = "AWS doesn't answer right now"


@dataclass
class Follower:
    """Follows one upload. If the caller may see nothing else, it relies on the upload's status."""

    access: Access
    stack: Stack
    version: ObjectVersion
    until: Until = Until.RECORDED
    pause: Callable[[float], None] = time.sleep
    timeout: float = FOLLOWED
    clock: Callable[[], float] = time.monotonic
    build: BuildFollower = field(init=False)
    deployment: DeploymentFollower = field(init=False)
    _is_recorded: bool = False
    _image_uri: str = ""
    _stage: str = ""
    _told: set[Wait] = field(default_factory=set)
    _unanswered: int = 0
    _quiet: float = 0
    _followed: float = 0
    _wait: Wait | None = None
    _waited: float = 0

    def __post_init__(self) -> None:
        """Follows the upload's builds, and then the deployment of its image."""
        self.build = BuildFollower(self.access, self.stack, self.version)
        self.deployment = DeploymentFollower(self.access, self.stack)

    def follow(self) -> Iterator[Happening]:
        """The upload's happenings, until `Ended`.

        Raises:
            Problem: the upload is gone, AWS refuses, or it takes too long.
        """
        while True:
            began = self.clock()
            try:
                state = self.state()
                for happening in self.look(state):
                    self._quiet = 0
                    yield happening
                self._unanswered = 0
            except (BotoCoreError, ClientError) as error:
                self._unanswered += 1
                if not is_passing(error) or self._unanswered > MOST_UNANSWERED:
                    raise problem_of(error) from error
                if self._unanswered in {1, MOST_UNANSWERED // 2}:
                    yield Note(f"{UNANSWERED}. Trying again …")
            else:
                if is_over(state, self.until):
                    yield Ended(state)
                    return
                yield from self.overdue(state)
            looked = self.clock() - began
            if self._followed + looked >= self.timeout:
                minutes = self.timeout / 60
                passed = f"{minutes:g} minute{'' if minutes == 1 else 's'}"
                raise Problem(
                    f"Stopped following after {passed}. The upload continues: {self._stage or UNANSWERED}",
                    code=TIMED_OUT,
                )
            pause = PAUSE_SECONDS if self._quiet < QUIET_SECONDS else LONG_PAUSE_SECONDS
            self.pause(pause)
            if (self._quiet + pause) // STILL_SECONDS > self._quiet // STILL_SECONDS:
                yield Still(self._stage)
            self._quiet += pause
            self._followed += looked + pause
            self._waited += looked + pause

    def state(self) -> State:
        """The upload's state. If its own tags leave no room for the URI, it has the one that it had when recorded."""
        state = s3.of(self.access, self.stack, self.version)
        self._image_uri = state.image_uri or self._image_uri
        return replace(state, image_uri=self._image_uri) if state.name in RECORDED else state

    def look(self, state: State) -> Iterator[Happening]:
        """The news about the upload, its build and its deployment, as far as the caller can see them."""
        if not self._is_recorded:
            yield from self.build.find()
        if not is_over(state, self.until):
            if state.is_final:
                self.deployment.look(state.image_uri)
            yield from self.stages(state)
        if not self._is_recorded:
            yield from self.build.news()
        self._is_recorded = state.is_final

    def stages(self, state: State) -> Iterator[Stage]:
        """The upload's stage, if it has changed."""
        stage = self.stage_of(state)
        if stage != self._stage:
            self._stage = stage
            yield Stage(stage)

    def stage_of(self, state: State) -> str:
        """The upload's present stage, in words."""
        if state.is_final:
            return self.deployment.stage
        if state.waits_for:
            return f"waiting: {state.waits_for.sentence}"
        if self.build.build is None and not state.name:
            return TO_BE_NOTICED
        return self.build.stage

    def overdue(self, state: State) -> Iterator[Note]:
        """Reports that a step is late.

        Raises:
            Problem: waiting longer is pointless.
        """
        wait, before = wait_of(state, self.build.build), self._waited
        if wait != self._wait:
            self._wait, self._waited, before = wait, 0, 0
        if wait is None:
            return
        if before >= wait.given_up:
            commands = {verb: self.stack.command(verb) for verb in ("doctor", "status")}
            raise Problem(f"{wait.words} {state.reason}".strip(), wait.to_do.format(**commands), wait.code)
        if before >= wait.late and wait not in self._told:
            self._told.add(wait)
            yield Note(wait.late_words)
