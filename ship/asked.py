"""The upload that a command is about: a version of a key, a key's newest upload, or the last upload that was built."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.builds import Build
from core.uploads import ObjectVersion
from ship.aws import codebuild, s3
from ship.aws.access import Access
from ship.aws.cloudformation import Stack, find
from ship.aws.errors import POLICIES, in_words
from ship.aws.s3 import NoUpload, State
from ship.place import Place
from ship.problem import Problem

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

LONGEST = timedelta(days=1)  # a build waits for eight hours and runs for eight, at most


@dataclass(frozen=True)
class Asked:
    """An upload that the caller asks about, and its stack.

    Raises:
        Problem: there is a version without a key. S3 needs both.
    """

    access: Access
    stack: Stack
    key: str | None = None
    version_id: str | None = None

    def __post_init__(self) -> None:
        """Refuses a version without its key."""
        if self.version_id and not self.key:
            raise Problem("--version also needs the key.", "Use: KEY --version VERSION.")

    def version(self) -> ObjectVersion:
        """The upload.

        Raises:
            Problem: there is none.
        """
        if self.key and self.version_id:
            return ObjectVersion(self.stack.bucket, self.key, self.version_id)
        if self.key:
            return self.state(self.key).version
        with in_words():
            newest = next(self.builds(), None)
        if newest is None:
            raise Problem("Nothing has been built yet.", f"Upload a source: {self.stack.command('up')}")
        return newest[0].version

    def state(self, key: str) -> State:
        """The state of the upload of this key.

        Raises:
            Problem: there is none.
        """
        with in_words():
            if self.version_id:
                return s3.of(self.access, self.stack, ObjectVersion(self.stack.bucket, key, self.version_id))
            return s3.newest(self.access, self.stack, key)

    def builds(self) -> "Iterator[tuple[Build, BuildTypeDef]]":
        """The builds, the newest first, each with CodeBuild's own record.

        Raises:
            Problem: only the bucket is known.
        """
        self.require_stack()
        for answered in codebuild.newest_first(self.access, self.stack):
            if build := codebuild.build_in(answered, self.stack):
                yield build, answered

    def running(self, key: str | None = None, version: ObjectVersion | None = None) -> list[Build]:
        """The waiting and running builds, the newest first: of one upload, of a key, or all."""
        found = []
        for build, answered in self.builds():
            if datetime.now(UTC) - answered["startTime"] > LONGEST:
                break
            if not build.has_ended and version in {None, build.version} and key in {None, build.version.key}:
                found.append(build)
        return found

    def last(self, most: int) -> list[State]:
        """The states of the last uploads that were built, the newest first; deleted ones are left out."""
        versions: dict[ObjectVersion, None] = {}
        for build, _ in self.builds():
            versions[build.version] = None
            if len(versions) == most:
                break
        found = []
        for version in versions:
            try:
                found.append(s3.of(self.access, self.stack, version))
            except NoUpload:
                continue
            except Problem as problem:
                found.append(State(version, reason=problem.what, is_readable=False))
        return found

    def require_stack(self) -> None:
        """Checks that more than the bucket is known.

        Raises:
            Problem: only the bucket is known.
        """
        if not self.stack.is_known:
            raise Problem(
                "This needs the stack, not only its bucket.",
                f"Use --stack instead of --bucket. {POLICIES}",
            )


def asked_at(place: Place, key: str | None = None, version_id: str | None = None) -> Asked:
    """The upload that the caller asks about, in the stack at this place.

    Raises:
        Problem: there is no such stack, or no access to AWS.
    """
    access = Access(place.profile, place.region)
    access.require()
    stack = find(access, place.service, place.stack, place.bucket)
    return Asked(access, replace(stack, place=place), key, version_id)
