"""Follows an upload on its way to an image."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from core.build_log import Ending
from core.reasons import Reason
from core.uploads import ObjectVersion
from ship.aws import codebuild, s3
from ship.aws.access import Access
from ship.aws.cloudformation import Stack
from ship.aws.codebuild import BuildLog
from ship.aws.errors import action_of, is_passing, is_refusal, problem_of
from ship.aws.s3 import State
from ship.outcomes import TIMED_OUT
from ship.problem import Problem
from ship.uploads.happenings import Ended, Happening, Line, Note, Phase, Stage, Still
from ship.uploads.patience import FOLLOWED, Wait, wait_of

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildPhaseTypeDef, BuildTypeDef

TO_BE_NOTICED = "waiting for S3 to report the upload"
PAUSE_SECONDS, LONG_PAUSE_SECONDS = 1.0, 5.0
"""The pause between two looks, and that after a minute in which nothing happened."""
QUIET_SECONDS, STILL_SECONDS = 60, 30
MOST_UNANSWERED = 20  # looks in a row, each already retried by the SDK
TO_BE_RECORDED = "waiting for the recording"
UNANSWERED = "AWS doesn't answer right now"
BUILDS, LOGS = "the phases of the build", "what the build prints"
# CodeBuild's names of phases that take time: https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details.html
PHASES = {
    "SUBMITTED": "waiting for CodeBuild",
    "QUEUED": "waiting in CodeBuild's queue",
    "PROVISIONING": "waiting for a build machine",
    "DOWNLOAD_SOURCE": "waiting for a build machine",  # builds have no CodeBuild source
    "INSTALL": "getting the builder",
    "PRE_BUILD": "fetching the source",
    "BUILD": "building",
    "POST_BUILD": "pushing the image",
    "UPLOAD_ARTIFACTS": TO_BE_RECORDED,
    "FINALIZING": TO_BE_RECORDED,
}


@dataclass
class Follower:
    """Follows one upload. It names once each thing that the caller can't see, then relies on the upload's status."""

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
        """What happens to the upload, until `Ended`.

        Raises:
            Problem: the upload is gone, AWS refuses, or it takes too long.
        """
        while True:
            began = self.clock()
            try:
                state = s3.of(self.access, self.stack, self.version)
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

    def look(self, state: State) -> Iterator[Happening]:
        """The news about the upload and its build, as far as the caller can see them."""
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
        """Looks up the upload's newest build. After a fault that isn't the upload's, there is another build."""
        if BUILDS in self._unseen or not self.stack.is_known:
            return
        if self.build and not self.build["buildComplete"]:
            self.build = codebuild.one(self.access, self.build["id"]) or self.build
            return
        newest = codebuild.newest_of(self.access, self.stack, self.version)
        if newest and (self.build is None or newest["id"] != self.build["id"]):
            self._log, self._phases = None, set()
        self.build = newest or self.build

    def phases_of(self, build: "BuildTypeDef") -> Iterator[Phase]:
        """The phases that have ended since the last look, except those that took no time."""
        for phase in build.get("phases", []):
            name, seconds = phase["phaseType"], seconds_of(phase)
            if "phaseStatus" not in phase or name in self._phases:
                continue
            self._phases.add(name)
            succeeded = phase["phaseStatus"] == "SUCCEEDED"
            if seconds or not succeeded:
                yield Phase(name, succeeded, seconds)

    def lines(self) -> Iterator[Line]:
        """The lines that the build has printed since the last look."""
        if not self.build or LOGS in self._unseen:
            return
        self._log = self._log or BuildLog.of(self.access, self.build)
        if self._log:
            for line in self._log.read():
                yield Line(line)

    def stages(self, state: State) -> Iterator[Stage]:
        """The upload's stage, if it has changed."""
        stage = self.stage_of(state)
        if stage != self._stage:
            self._stage = stage
            yield Stage(stage)

    def overdue(self, state: State) -> Iterator[Note]:
        """Reports that a step is late.

        Raises:
            Problem: waiting longer is pointless.
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
        """What the upload does or waits for, in words."""
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
        """Why the build failed, from its log. None if the log has no reason or the caller can't read it."""
        return self._log.reason if self._log else None

    def ending(self) -> Ending | None:
        """How the image's program ended during its trial, from the log. None as with `reason`."""
        return self._log.ending if self._log else None

    def unseen(self, error: ClientError, what: str) -> Iterator[Note]:
        """Reports once what the caller can't see without a permission.

        Raises:
            ClientError: the error is another one.
        """
        if not is_refusal(error):
            raise error
        self._unseen.add(what)
        yield Note(f"You can't see {what} without the permission {action_of(error)}. The status will show the result.")


def seconds_of(phase: "BuildPhaseTypeDef") -> int | None:
    """How long a phase took. None if CodeBuild doesn't say."""
    if "durationInSeconds" in phase:
        return phase["durationInSeconds"]
    if "startTime" in phase and "endTime" in phase:
        return int((phase["endTime"] - phase["startTime"]).total_seconds())
    return None
