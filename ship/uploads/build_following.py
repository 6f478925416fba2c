"""Follows an upload's builds: their phases, and the lines that they print."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from core.build_log import Ending
from core.reasons import Reason
from core.uploads import ObjectVersion
from ship.aws import codebuild
from ship.aws.access import Access
from ship.aws.cloudformation import Stack
from ship.aws.codebuild import BuildLog
from ship.aws.errors import is_refusal
from ship.uploads.happenings import Line, Note, Phase, unseen

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildPhaseTypeDef, BuildTypeDef

BUILDS, LOGS = "the phases of the build", "what the build prints"
TO_BE_RECORDED = "waiting for the recording"
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
class BuildFollower:
    """Follows an upload's newest build. It names once each thing that the caller can't see."""

    access: Access
    stack: Stack
    version: ObjectVersion
    build: "BuildTypeDef | None" = None
    _log: BuildLog | None = None
    _phases: set[str] = field(default_factory=set)
    _unseen: set[str] = field(default_factory=set)

    def find(self) -> Iterator[Note]:
        """Looks up the upload's newest build. After a fault that isn't the upload's, there is another build."""
        if BUILDS in self._unseen or not self.stack.is_known:
            return
        try:
            self._find()
        except ClientError as error:
            yield self.note_of(error, BUILDS)

    def _find(self) -> None:
        if self.build and not self.build["buildComplete"]:
            self.build = codebuild.one(self.access, self.build["id"]) or self.build
            return
        newest = codebuild.newest_of(self.access, self.stack, self.version)
        if newest and (self.build is None or newest["id"] != self.build["id"]):
            self._log, self._phases = None, set()
        self.build = newest or self.build

    def news(self) -> Iterator[Line | Phase | Note]:
        """The lines that the build has printed and the phases that have ended since the last look."""
        try:
            yield from self.lines()
        except ClientError as error:
            yield self.note_of(error, LOGS)
        if self.build:
            yield from self.phases_of(self.build)

    def lines(self) -> Iterator[Line]:
        """The lines that the build has printed since the last look."""
        if not self.build or LOGS in self._unseen:
            return
        self._log = self._log or BuildLog.of(self.access, self.build)
        if self._log:
            for line in self._log.read():
                yield Line(line)

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

    @property
    def stage(self) -> str:
        """The build's present stage, in words."""
        if self.build is None:
            return PHASES["BUILD"] if self._unseen or not self.stack.is_known else PHASES["SUBMITTED"]
        if self.build["buildComplete"]:
            return TO_BE_RECORDED
        return PHASES.get(self.build.get("currentPhase", ""), PHASES["BUILD"])

    @property
    def reason(self) -> Reason | None:
        """Why the build failed, from its log. None if the log has no reason or the caller can't read it."""
        return self._log.reason if self._log else None

    @property
    def ending(self) -> Ending | None:
        """How the image's program ended during its trial, from the log. None as with `reason`."""
        return self._log.ending if self._log else None

    def note_of(self, error: ClientError, what: str) -> Note:
        """A note of what the caller can't see without a permission.

        Raises:
            ClientError: the error is another one.
        """
        if not is_refusal(error):
            raise error
        self._unseen.add(what)
        return unseen(what, error)


def seconds_of(phase: "BuildPhaseTypeDef") -> int | None:
    """How long a phase took. None if CodeBuild doesn't say."""
    if "durationInSeconds" in phase:
        return phase["durationInSeconds"]
    if "startTime" in phase and "endTime" in phase:
        return int((phase["endTime"] - phase["startTime"]).total_seconds())
    return None
