"""What CodeBuild knows of the builds of its project."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from edge import clients

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef


def ended(ids: Sequence[str]) -> list["BuildTypeDef"]:
    """Those of the builds that have ended; at most 100 can be asked for."""
    found = clients.codebuild(clients.ONCE).batch_get_builds(ids=list(ids))["builds"] if ids else []
    return [build for build in found if "endTime" in build]


def newest_first(name: str) -> Iterator[list[str]]:
    """The ids of the project's builds, the newest first, 100 at a time.

    Newest first is the default. Asked for by `sortOrder`, it is an error where there are more than 100 builds:
    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ListBuildsForProject.html
    """
    pages = clients.codebuild(clients.ONCE).get_paginator("list_builds_for_project").paginate(projectName=name)
    return (page["ids"] for page in pages)
