"""CodeBuild: the project's builds and their logs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws import codebuild
from core import build_log
from core.build_log import Ending
from core.builds import Build, NotOurBuildError
from core.reasons import Reason
from core.uploads import ObjectVersion
from ship.aws.access import Access
from ship.aws.cloudformation import Stack

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

# CodeBuild's own lines in a build's log. It prints each command before it runs and when it fails.
# assumes: codebuild-log-lines
CODEBUILD = "[Container] "
COMMAND = re.compile("Running command|did not exit successfully|while executing command")
BUILDER = "builder.zip"
"""Part of each command that runs the builder, which is a single line."""
BEGINS = re.compile(r'Fetching "|The builder |curl: |(?:aws: \[ERROR\]: )?An error occurred')
"""The first words of a build that started before the builder was there, or of one that couldn't get it."""
# BuildKit prints this in each first build, which succeeds.
NO_CACHE = re.compile(r"^(#\d+) ERROR: failed to configure registry cache importer: \S+: not found$")
NO_CACHE_YET = r"\1 There is no layer cache yet. This build creates it."


def newest_first(access: Access, stack: Stack) -> "Iterator[BuildTypeDef]":
    """The project's builds, the newest first, as CodeBuild returns them. Manually started builds are left out."""
    batches = codebuild.newest_first(access.codebuild, stack.service)
    return (build for batch in batches for build in batch if build_in(build, stack))


def build_in(answer: "BuildTypeDef", stack: Stack) -> Build | None:
    """The build. None if somebody started it manually."""
    try:
        return Build.from_answer(answer, stack.bucket)
    except NotOurBuildError:
        return None


def newest_of(access: Access, stack: Stack, version: ObjectVersion, most: int = 100) -> "BuildTypeDef | None":
    """The newest build of an upload, among the project's newest `most` builds."""
    for _, answer in zip(range(most), newest_first(access, stack), strict=False):
        build = build_in(answer, stack)
        if build and build.version == version:
            return answer
    return None


def one(access: Access, build_id: str) -> "BuildTypeDef | None":
    """The current state of the build with this id. None if it was deleted."""
    return next(iter(codebuild.builds(access.codebuild, [build_id])), None)


def stop(access: Access, build_id: str) -> None:
    """Stops a build. Its upload then fails as `stopped`.

    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StopBuild.html
    """
    access.codebuild.stop_build(id=build_id)


@dataclass
class BuildLog:
    """A build's log. Each `read` continues where the last one ended.

    CodeBuild's own lines and the builder's machine-readable lines are left out. `reason` and `ending` hold the latter.
    """

    access: Access
    group: str
    stream: str
    reason: Reason | None = None
    ending: Ending | None = None
    _token: str = ""
    _is_command: bool = False

    @classmethod
    def of(cls, access: Access, build: "BuildTypeDef") -> "BuildLog | None":
        """The log of a build. None while it has none."""
        place = build.get("logs", {})
        if place.get("groupName") and place.get("streamName"):
            return cls(access, place["groupName"], place["streamName"])
        return None

    def read(self) -> Iterator[str]:
        """The new lines since the last call. None if there is no log yet."""
        client = self.access.logs
        while True:
            more = {"nextToken": self._token} if self._token else {}
            try:
                # assumes: build-lines-arrive
                page = client.get_log_events(
                    logGroupName=self.group,
                    logStreamName=self.stream,
                    startFromHead=True,
                    **more,  # type: ignore[arg-type]
                )
            except client.exceptions.ResourceNotFoundException:
                return
            before, self._token = self._token, page["nextForwardToken"]
            messages = [event["message"].rstrip("\n") for event in page["events"]]
            self.reason = build_log.reason_in(messages) or self.reason
            self.ending = build_log.ending_in(messages) or self.ending
            for line in build_log.lines_of(messages):
                if self._is_shown(line):
                    yield NO_CACHE.sub(NO_CACHE_YET, line)
            if self._token == before:  # the end of the log so far
                return

    def _is_shown(self, line: str) -> bool:
        """Whether the line is the build's output for people."""
        if line.startswith(CODEBUILD):
            if COMMAND.search(line):
                self._is_command = BUILDER not in line
            return False
        if BEGINS.match(line):
            self._is_command = False
        return not self._is_command and not build_log.is_for_machines(line)
