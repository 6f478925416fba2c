"""A build, as CodeBuild describes it, and the upload that it was started for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import reasons
from core.reasons import Reason
from core.uploads import ObjectVersion

BUILDER_PHASES = {"PRE_BUILD", "BUILD", "POST_BUILD"}
"""The phases in which the builder runs. INSTALL, before them, downloads it."""


class NotOurBuildError(Exception):
    """The build wasn't started for an upload by StartBuild: somebody started it by hand."""


@dataclass(frozen=True)
class Build:
    """A build.

    `phase` is the first phase that failed, or else the last phase. `log` is the log group and stream. `ended` is None
    while the build runs.
    """

    id: str
    status: str
    version: ObjectVersion
    image_tag: str
    phase: str
    ran_builder: bool
    log: tuple[str, str] | None
    ended: datetime | None

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any], bucket: str) -> "Build":
        """Reads a build: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Build.html.

        Raises:
            NotOurBuildError: its variables name no version, or a build tag of another version.
        """
        given = {each["name"]: each["value"] for each in answer["environment"].get("environmentVariables", [])}
        try:
            version = ObjectVersion(bucket, str(json.loads(given["SOURCE_KEY"])), given["SOURCE_VERSION_ID"])
            image_tag = given["IMAGE_TAG"]
            ours = version.owns(image_tag)
        except (KeyError, ValueError) as error:
            raise NotOurBuildError(f"{answer['id']} names no upload.") from error
        if not ours:
            raise NotOurBuildError(f"{answer['id']} builds {version.key} under a tag of something else, {image_tag}.")
        phases = answer.get("phases", [])
        # assumes: ended-builds
        failed = [each["phaseType"] for each in phases if each.get("phaseStatus", "SUCCEEDED") != "SUCCEEDED"]
        log = answer.get("logs", {})
        return cls(
            id=answer["id"],
            status=answer["buildStatus"],
            version=version,
            image_tag=image_tag,
            phase=failed[0] if failed else answer.get("currentPhase", ""),
            ran_builder=any(each["phaseType"] in BUILDER_PHASES for each in phases),
            log=(log["groupName"], log["streamName"]) if log.get("groupName") and log.get("streamName") else None,
            ended=answer.get("endTime"),
        )

    @property
    def succeeded(self) -> bool:
        """Whether its image was checked and tagged."""
        return self.status == "SUCCEEDED"

    @property
    def has_ended(self) -> bool:
        """Whether its status is final."""
        return self.ended is not None

    def had_ended(self, moment: datetime) -> bool:
        """Whether it had ended by then."""
        return self.ended is not None and self.ended <= moment

    @property
    def says_why_in_log(self) -> bool:
        """Whether it failed in the builder, which prints its reason last."""
        return self.status == "FAILED" and self.ran_builder and self.log is not None

    @property
    def reason(self) -> Reason:
        """Why it failed, as far as its status says.

        A builder that ran gives its own reason. If its first phase failed without a reason, Python couldn't start it.
        """
        if self.status == "STOPPED":
            return reasons.STOPPED
        if self.status in {"FAILED", "TIMED_OUT"} and self.phase == "INSTALL":
            return reasons.NO_BUILDER
        if self.status == "TIMED_OUT":
            return reasons.TIMED_OUT if self.ran_builder else reasons.QUEUED_TOO_LONG
        if self.status == "FAILED" and self.ran_builder:
            return reasons.NO_BUILDER if self.phase == "PRE_BUILD" else reasons.silent_phase(self.phase)
        return reasons.fault(self.status, self.phase)
