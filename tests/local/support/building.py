"""Builds as a test starts, holds up, ends and reads them."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from local.cloud.shared.live_settings import Settings
from local.emulator import Account
from local.pipeline import Pipeline, wait_for
from tests.local.support.resources import PROJECT
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

OWN_LINE = re.compile(r"\[Container\] (\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6}) (.*)")


@dataclass(frozen=True)
class Builder:
    """Starts builds, most of them of the project that runs what FIRST and SECOND hold."""

    cloud: Pipeline
    account: Account

    def set(self, **facts: Any) -> None:
        """Changes facts of the account for the rest of the test."""
        self.account.set(Settings(**{**asdict(Settings()), **facts}))

    def start(
        self,
        first: str = "true",
        second: str = "true",
        *,
        project: str = PROJECT,
        variables: Mapping[str, str] | None = None,
        **more: Any,
    ) -> "BuildTypeDef":
        """The build, as StartBuild gives it."""
        named = {"FIRST": first, "SECOND": second, **(variables or {})}
        return self.cloud.codebuild.start_build(
            projectName=project,
            environmentVariablesOverride=[
                {"name": name, "value": value, "type": "PLAINTEXT"} for name, value in named.items()
            ],
            **more,
        )["build"]

    def look(self, build: "BuildTypeDef") -> "BuildTypeDef":
        """The build as it is now."""
        (now,) = self.cloud.codebuild.batch_get_builds(ids=[build["id"]])["builds"]
        return now

    def ended(self, build: "BuildTypeDef") -> "BuildTypeDef":
        """The build when it has ended."""

        def look() -> "BuildTypeDef | None":
            now = self.look(build)
            return now if now["buildComplete"] else None

        return wait_for(f"The end of {build['id']}", look, PATIENCE)

    def run(self, first: str = "true", second: str = "true", **more: Any) -> "BuildTypeDef":
        """A build that has ended."""
        return self.ended(self.start(first, second, **more))

    def stop(self, build: "BuildTypeDef") -> None:
        """Asks for the build's end."""
        self.cloud.codebuild.stop_build(id=build["id"])

    def printed(self, build: "BuildTypeDef") -> list[str]:
        """What the build's commands printed."""
        return [line for line in self.cloud.log(build) if not OWN_LINE.fullmatch(line)]

    def own_lines(self, build: "BuildTypeDef") -> list[str]:
        """CodeBuild's own lines in the build's log, without their times."""
        return [found[2] for line in self.cloud.log(build) if (found := OWN_LINE.fullmatch(line))]

    def times(self, build: "BuildTypeDef") -> list[str]:
        """The times of CodeBuild's own lines, which sort as text."""
        return [found[1] for line in self.cloud.log(build) if (found := OWN_LINE.fullmatch(line))]

    def active(self) -> list["BuildTypeDef"]:
        """The builds that run or wait."""
        ids = self.cloud.codebuild.list_builds_for_project(projectName=PROJECT)["ids"]
        builds = self.cloud.codebuild.batch_get_builds(ids=ids)["builds"] if ids else []
        return [build for build in builds if not build["buildComplete"]]

    def leave_nothing(self) -> None:
        """Ends all builds, and puts the account's facts back."""
        self.account.set(Settings())
        for build in self.active():
            self.stop(build)
        wait_for("The end of all builds", lambda: not self.active(), PATIENCE)


def phases(build: "BuildTypeDef") -> dict[str, str]:
    """The status of each phase that has ended, in order."""
    return {each["phaseType"]: each["phaseStatus"] for each in build["phases"] if "phaseStatus" in each}
