"""CodeBuild: the builds of the stack's project. `ship` reads them with these functions, too."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_codebuild.client import CodeBuildClient
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

# assumes: batch-get-builds-speed
AT_ONCE = 25  # builds from before the builder have buildspecs of 24 KB: 100 may take longer than QUICK's 3 seconds


def builds(client: "CodeBuildClient", ids: Sequence[str]) -> list["BuildTypeDef"]:
    """The builds with these ids. Ids that CodeBuild doesn't know or refuses are left out."""
    return [build for few in batches(ids) for build in get_batch(client, few)]


def batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """The ids, split into one batch per request."""
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def get_batch(client: "CodeBuildClient", ids: Sequence[str]) -> list["BuildTypeDef"]:
    """The builds with these ids, at most 100. An id that CodeBuild refuses is left out."""
    try:
        return client.batch_get_builds(ids=list(ids))["builds"]
    except client.exceptions.InvalidInputException:
        if len(ids) == 1:
            return []
        return [build for each in ids for build in get_batch(client, [each])]


def newest_first(client: "CodeBuildClient", name: str) -> Iterator[list["BuildTypeDef"]]:
    """The project's builds, the newest first, in batches.

    Newest first is the default order. Asking for it with `sortOrder` is an error if there are more than 100 builds:
    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ListBuildsForProject.html
    """
    # assumes: builds-newest-first
    for page in client.get_paginator("list_builds_for_project").paginate(projectName=name):
        for ids in batches(page["ids"]):
            known = {build["id"]: build for build in get_batch(client, ids)}
            yield [known[each] for each in ids if each in known]


def start(client: "CodeBuildClient", request: Mapping[str, Any]) -> str:
    """Starts a build and returns its id.

    Raises:
        ClientError: CodeBuild refused it.
    """
    return client.start_build(**request)["build"]["id"]
