"""What CodeBuild knows of the builds of its project."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from edge import clients

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

TOKEN_DIGITS = 32


def builds(ids: Sequence[str]) -> list["BuildTypeDef"]:
    """The builds of these ids, as far as there are such; at most 100 can be asked for.

    An id that CodeBuild refuses costs only itself.
    """
    client = clients.codebuild(clients.QUICK)
    try:
        return client.batch_get_builds(ids=list(ids))["builds"] if ids else []
    except client.exceptions.InvalidInputException:
        if len(ids) == 1:
            return []
        return [build for each in ids for build in builds([each])]


def newest_first(name: str) -> Iterator[list["BuildTypeDef"]]:
    """The project's builds, the newest first, 100 at a time.

    Newest first is the default. Asked for by `sortOrder`, it is an error where there are more than 100 builds:
    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ListBuildsForProject.html
    """
    pages = clients.codebuild(clients.QUICK).get_paginator("list_builds_for_project").paginate(projectName=name)
    for page in pages:
        found = {build["id"]: build for build in builds(page["ids"])}
        yield [found[each] for each in page["ids"] if each in found]


def build_again(build_id: str) -> str:
    """Starts a build once more as it was started, and gives the new one's id; a repeat within five minutes starts none.

    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_RetryBuild.html

    Raises:
        ClientError: CodeBuild refused it.
    """
    token = hashlib.sha256(build_id.encode()).hexdigest()[:TOKEN_DIGITS]
    return clients.codebuild(clients.QUICK).retry_build(id=build_id, idempotencyToken=token)["build"]["id"]
