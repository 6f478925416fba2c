"""An upload on its way to an image: what happens, as it happens."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from core.build_log import Ending
from core.reasons import Reason
from core.uploads import ObjectVersion
from ship import project, states
from ship.access import Access, action_of, is_passing, is_refusal, problem_of
from ship.outcomes import TIMED_OUT
from ship.patience import FOLLOWED, Wait, wait_of
from ship.problem import Problem
from ship.project import BuildLog
from ship.stack import Stack
from ship.states import State

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildPhaseTypeDef, BuildTypeDef

TO_BE_NOTICED = "waiting for S3 to tell of the upload"
PAUSE_SECONDS, LONG_PAUSE_SECONDS = 1.0, 5.0
"""From look to look, and where nothing has happened for a minute."""
QUIET_SECONDS, STILL_SECONDS = 60, 30
MOST_UNANSWERED = 20  # looks, each of which the SDK has tried several times
TO_BE_RECORDED = "waiting for the recording"
UNANSWERED = "AWS doesn't answer right now"
BUILDS, LOGS = "the phases of the build", "what the build prints"
# What CodeBuild calls the phases that take time: https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details.html
PHASES = {
    "SUBMITTED": "waiting for CodeBuild",
    "QUEUED": "waiting in CodeBuild's queue",
    "PROVISIONING": "waiting for a build machine",
    "DOWNLOAD_SOURCE": "waiting for a build machine",  # a build has no source of CodeBuild's
    "INSTALL": "getting the builder",
    "PRE_BUILD": "fetching the source",
    "BUILD": "building",
    "POST_BUILD": "pushing the image",
    "UPLOAD_ARTIFACTS": TO_BE_RECORDED,
    "FINALIZING": TO_BE_RECORDED,
}


@dataclass(frozen=True)
class Stage:
    """What it does now, or waits for, in words."""

    text: str


@dataclass(frozen=True)
class Still:
    """It has done the same for half a minute more."""

    text: str


@dataclass(frozen=True)
class Phase:
    """A phase of the build has ended, after so many seconds, if that is known."""

    name: str
    succeeded: bool
    seconds: int | None


@dataclass(frozen=True)
class Line:
    """The build has printed a line."""

    text: str


@dataclass(frozen=True)
class Note:
    """Something that the caller should know; it goes on."""

    text: str


@dataclass(frozen=True)
class Ended:
    """The upload has a final status."""

    state: State


Happening = Stage | Still | Phase | Line | Note | Ended


@dataclass
class Follower:
    """Follows one upload to its end. What the caller may not see it names once, then goes by the upload's status."""

    access: Access
    stack: Stack
    version: ObjectVersion
    pause: Callable[[float], None] = time.sleep
    timeout: float = FOLLOWED
    clock: Callable[[], float] = time.monotonic
    build: "BuildTypeDef | None" = None
    _log: BuildLog | None = None
    _stage: str = ""
    _phases: set[str] = field(default_factory=set)
    _unseen: set[str] = field(default_factory=set)
    _told: set[Wait] = field(default_factory=set)
    _unanswered: int = 0
    _quiet: float = 0
    _followed: float = 0
    _wait: Wait | None = None
    _waited: float = 0

    def follow(self) -> Iterator[Happening]:
        """What happens until the upload's end, which comes last.

        Raises:
            Problem: the upload is gone, AWS says no, or it takes too long.
        """
        while True:
            began = self.clock()
            try:
                state = states.of(self.access, self.stack, self.version)
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
                if state.is_final:
                    yield Ended(state)
                    return
                yield from self.overdue(state)
            looked = self.clock() - began
            if self._followed + looked >= self.timeout:
                minutes = self.timeout / 60
                passed = f"{minutes:g} minute{'' if minutes == 1 else 's'}"
                raise Problem(f"It isn't done after {passed}, and goes on: {self._stage or UNANSWERED}", code=TIMED_OUT)
            pause = PAUSE_SECONDS if self._quiet < QUIET_SECONDS else LONG_PAUSE_SECONDS
            self.pause(pause)
            if (self._quiet + pause) // STILL_SECONDS > self._quiet // STILL_SECONDS:
                yield Still(self._stage)
            self._quiet += pause
            self._followed += looked + pause
            self._waited += looked + pause

    def look(self, state: State) -> Iterator[Happening]:
        """What it does, and what its build does as far as the caller may see it."""
        try:
            self.find_build()
        except ClientError as error:
            yield from self.unseen(error, BUILDS)
        if not state.is_final:
            yield from self.stages(state)
        try:
            yield from self.lines()
        except ClientError as error:
            yield from self.unseen(error, LOGS)
        if self.build:
            yield from self.phases_of(self.build)

    def find_build(self) -> None:
        """Looks up the upload's newest build: after one that failed through nobody's fault there is another."""
        if BUILDS in self._unseen or not self.stack.is_known:
            return
        if self.build and not self.build["buildComplete"]:
            self.build = project.one(self.access, self.build["id"]) or self.build
            return
        newest = project.newest_of(self.access, self.stack, self.version)
        if newest and (self.build is None or newest["id"] != self.build["id"]):
            self._log, self._phases = None, set()
        self.build = newest or self.build

    def phases_of(self, build: "BuildTypeDef") -> Iterator[Phase]:
        """The phases that have ended since the last look, without those that take no time."""
        for phase in build.get("phases", []):
            name, seconds = phase["phaseType"], seconds_of(phase)
            if "phaseStatus" not in phase or name in self._phases:
                continue
            self._phases.add(name)
            succeeded = phase["phaseStatus"] == "SUCCEEDED"
            if seconds or not succeeded:
                yield Phase(name, succeeded, seconds)

    def lines(self) -> Iterator[Line]:
        """What the build has printed since the last look."""
        if not self.build or LOGS in self._unseen:
            return
        self._log = self._log or BuildLog.of(self.access, self.build)
        if self._log:
            for line in self._log.read():
                yield Line(line)

    def stages(self, state: State) -> Iterator[Stage]:
        """What it does now, if that has changed."""
        stage = self.stage_of(state)
        if stage != self._stage:
            self._stage = stage
            yield Stage(stage)

    def overdue(self, state: State) -> Iterator[Note]:
        """Says that something takes too long.

        Raises:
            Problem: it is no use to wait any longer.
        """
        wait, before = wait_of(state, self.build), self._waited
        if wait != self._wait:
            self._wait, self._waited, before = wait, 0, 0
        if wait is None:
            return
        if before >= wait.given_up:
            doctor = self.stack.command("doctor")
            raise Problem(f"{wait.words} {state.reason}".strip(), wait.to_do.format(doctor=doctor), wait.code)
        if before >= wait.late and wait not in self._told:
            self._told.add(wait)
            yield Note(wait.late_words)

    def stage_of(self, state: State) -> str:
        """What it does, or waits for, in words."""
        if state.waits_for:
            return f"waiting: {state.waits_for.sentence}"
        if self.build is None and not state.name:
            return TO_BE_NOTICED
        if self.build is None:
            return PHASES["BUILD"] if self._unseen or not self.stack.is_known else PHASES["SUBMITTED"]
        if self.build["buildComplete"]:
            return TO_BE_RECORDED
        return PHASES.get(self.build.get("currentPhase", ""), PHASES["BUILD"])

    def reason(self) -> Reason | None:
        """Why it failed, in the build's own words, as far as the caller may see them."""
        return self._log.reason if self._log else None

    def ending(self) -> Ending | None:
        """How the image's program ended while it was tried, as far as the caller may see it."""
        return self._log.ending if self._log else None

    def unseen(self, error: ClientError, what: str) -> Iterator[Note]:
        """Says once what can't be seen for lack of a permission.

        Raises:
            ClientError: it is something else.
        """
        if not is_refusal(error):
            raise error
        self._unseen.add(what)
        yield Note(f"You don't see {what}: that requires the permission {action_of(error)}. The status shows the end.")


def seconds_of(phase: "BuildPhaseTypeDef") -> int | None:
    """How long a phase took; None where CodeBuild doesn't say."""
    if "durationInSeconds" in phase:
        return phase["durationInSeconds"]
    if "startTime" in phase and "endTime" in phase:
        return int((phase["endTime"] - phase["startTime"]).total_seconds())
    return None
