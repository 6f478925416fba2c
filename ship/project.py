"""The builds of the project, and their logs."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core import build_failures
from core.builds import Build, NotOurBuildError
from core.reasons import Reason
from core.uploads import ObjectVersion
from ship.access import Access
from ship.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

# What CodeBuild prints around what the recipe prints: it shows each command whole before it runs it.
CODEBUILD = "[Container] "
COMMAND = "Running command"
FIRST = 'Fetching "'
"""The recipe's first words, before the upload's key."""
# What BuildKit says in each first build, which succeeds.
NO_CACHE = re.compile(r"^(#\d+) ERROR: failed to configure registry cache importer: \S+: not found$")
NO_CACHE_YET = r"\1 There is no cache of layers yet. This build fills it."
LAST_MESSAGES = 1000  # as many as RecordImage reads for a reason


def newest_first(access: Access, stack: Stack) -> "Iterator[BuildTypeDef]":
    """The project's builds, the newest first, as CodeBuild answers; those that were started by hand are left out."""
    client = access.codebuild
    for page in client.get_paginator("list_builds_for_project").paginate(projectName=stack.service):
        found = {each["id"]: each for each in client.batch_get_builds(ids=page["ids"])["builds"]} if page["ids"] else {}
        for build_id in page["ids"]:
            if build_id in found and build_in(found[build_id], stack):
                yield found[build_id]


def build_in(answer: "BuildTypeDef", stack: Stack) -> Build | None:
    """The build of an upload; None if it was started by hand."""
    try:
        return Build.from_answer(answer, stack.bucket)
    except NotOurBuildError:
        return None


def newest_of(access: Access, stack: Stack, version: ObjectVersion, most: int = 100) -> "BuildTypeDef | None":
    """The newest build of an upload, looked for among that many of the project's newest."""
    for _, answer in zip(range(most), newest_first(access, stack), strict=False):
        build = build_in(answer, stack)
        if build and build.version == version:
            return answer
    return None


def one(access: Access, build_id: str) -> "BuildTypeDef | None":
    """The build of this id, as it is now; None if it was deleted."""
    return next(iter(access.codebuild.batch_get_builds(ids=[build_id])["builds"]), None)


def stop(access: Access, build_id: str) -> None:
    """Stops a build. Its upload then fails as `stopped`.

    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StopBuild.html
    """
    access.codebuild.stop_build(id=build_id)


@dataclass
class BuildLog:
    """The log of a build, read from where the last reading ended; of CodeBuild's own lines nothing is shown."""

    access: Access
    group: str
    stream: str
    _token: str = ""
    _is_command: bool = False
    _last: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_MESSAGES))

    @classmethod
    def of(cls, access: Access, build: "BuildTypeDef") -> "BuildLog | None":
        """The log of a build; None while it has none."""
        place = build.get("logs", {})
        if place.get("groupName") and place.get("streamName"):
            return cls(access, place["groupName"], place["streamName"])
        return None

    def read(self) -> Iterator[str]:
        """The lines that came since the last reading; none if there is no log yet."""
        client = self.access.logs
        while True:
            more = {"nextToken": self._token} if self._token else {}
            try:
                page = client.get_log_events(
                    logGroupName=self.group,
                    logStreamName=self.stream,
                    startFromHead=True,
                    **more,  # type: ignore[arg-type]
                )
            except client.exceptions.ResourceNotFoundException:
                return
            before, self._token = self._token, page["nextForwardToken"]
            for event in page["events"]:
                self._last.append(event["message"])
                lines = event["message"].rstrip("\n").split("\n")
                yield from [NO_CACHE.sub(NO_CACHE_YET, line) for line in lines if self._is_of_recipe(line)]
            if self._token == before:  # the log's end, or of what is there by now
                return

    def reason(self) -> Reason | None:
        """Why the build failed, as far as what was read says."""
        return build_failures.reason_in([*self._last])

    def _is_of_recipe(self, line: str) -> bool:
        """Whether the recipe, or what it ran, printed the line."""
        if line.startswith(CODEBUILD):
            self._is_command = COMMAND in line
            return False
        if line.startswith(FIRST):
            self._is_command = False
        return not self._is_command
