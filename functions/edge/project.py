"""What CodeBuild knows of the builds of its project."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from edge import clients

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

AT_ONCE = 25  # each build carries the buildspec, so 100 are some 2.5 MB, for which QUICK's 3 seconds may be too few


def builds(ids: Sequence[str]) -> list["BuildTypeDef"]:
    """The builds with these ids, without those that CodeBuild doesn't know or whose id it refuses."""
    return [build for few in batches(ids) for build in get_batch(few)]


def batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """The ids, as many at a time as one request asks for."""
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def get_batch(ids: Sequence[str]) -> list["BuildTypeDef"]:
    """The builds with these ids, of which one request can take 100. An id that CodeBuild refuses costs only itself."""
    client = clients.codebuild(clients.QUICK)
    try:
        return client.batch_get_builds(ids=list(ids))["builds"]
    except client.exceptions.InvalidInputException:
        if len(ids) == 1:
            return []
        return [build for each in ids for build in get_batch([each])]


def newest_first(name: str) -> Iterator[list["BuildTypeDef"]]:
    """The project's builds, the newest first, as many at a time as one request asks for.

    Newest first is the default. Asked for by `sortOrder`, it is an error where there are more than 100 builds:
    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ListBuildsForProject.html
    """
    pages = clients.codebuild(clients.QUICK).get_paginator("list_builds_for_project").paginate(projectName=name)
    for page in pages:
        for ids in batches(page["ids"]):
            known = {build["id"]: build for build in get_batch(ids)}
            yield [known[each] for each in ids if each in known]


def start(request: Mapping[str, Any]) -> str:
    """Starts a build, and gives its id.

    Raises:
        ClientError: CodeBuild refused it.
    """
    return clients.codebuild(clients.QUICK).start_build(**request)["build"]["id"]
